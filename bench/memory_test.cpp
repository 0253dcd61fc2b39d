#include "bench/memory.h"

#include <gtest/gtest.h>

namespace flopmeter {
namespace {

TEST(Memory, SaysWhatLacks) {
  EXPECT_EQ(lack_of_memory(1, 2), "");
  EXPECT_EQ(lack_of_memory(12'300'000'000, 7'000'000'000),
            "needs 12.3 GB of memory, 7.0 GB are available");
}

// Prevents every case from being refused where /proc is not there.
TEST(Memory, UnknownIsNoReasonToRefuse) {
  EXPECT_EQ(available_bytes("/nowhere"), -1);
  EXPECT_EQ(lack_of_memory(1, -1), "");
}

TEST(Memory, CountsEveryOperand) {
  const Case subject{parse_problem(find_layer("matmul"), "2x3:3x5"), Pass::forward, "eigen",
                     Dtype::f32};
  EXPECT_EQ(needed_bytes(subject), (2 * 3 + 3 * 5 + 2 * 5) * 20);
}

}  // namespace
}  // namespace flopmeter
