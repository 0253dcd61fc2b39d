#include "bench/machine/cycle_code.h"

#include <gtest/gtest.h>

#include "counters/executed/counter.h"

namespace flopmeter {
namespace {

TEST(CycleCode, ExecutesOneAdditionACycle) {
  if (const std::string reason = executed::why_unavailable(); !reason.empty()) {
    GTEST_SKIP() << reason;
  }
  const CycleCode code;
  executed::Counter counter;
  counter.run([&] { code.run(1); });
  const std::int64_t once = counter.totals().instructions;
  counter.reset();
  counter.run([&] { code.run(6); });
  EXPECT_EQ(counter.totals().instructions - once, 5 * (CycleCode::cycles_per_pass + 2));
}

}  // namespace
}  // namespace flopmeter
