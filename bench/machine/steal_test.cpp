#include "bench/machine/steal.h"

#include <gtest/gtest.h>

#include "results/temporary_directory.h"

namespace flopmeter {
namespace {

std::optional<CoreTime> time_of(std::string_view stat) {
  const TemporaryDirectory root;
  root.write("proc/stat", stat);
  return core_time(root.path());
}

// Prevents guests' time from being counted twice: the last two are parts of the first two.
TEST(Steal, IsAShareOfAllTime) {
  const auto from = time_of("cpu  100 0 50 800 10 1 2 37 90 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
  const auto to = time_of("cpu  160 5 60 1000 10 1 2 62 150 5\n");
  ASSERT_TRUE(from && to);
  EXPECT_EQ(from->all, 1000);
  EXPECT_EQ(from->stolen, 37);
  EXPECT_DOUBLE_EQ(steal_percent(from, to).value_or(-1), 100.0 * 25 / 300);
}

// Prevents "no steal" where nobody knows.
TEST(Steal, IsUnknownWhereItIsNotShown) {
  EXPECT_FALSE(core_time("/nowhere"));
  EXPECT_FALSE(time_of("cpu  100 0 50 800 10 1 2\n"));
  EXPECT_FALSE(time_of("cpu  100 0 50 800 10 1 2 many\n"));
  const CoreTime time{.stolen = 1, .all = 10};
  EXPECT_FALSE(steal_percent({}, time));
  EXPECT_FALSE(steal_percent(time, {}));
  EXPECT_FALSE(steal_percent(time, time));
}

}  // namespace
}  // namespace flopmeter
