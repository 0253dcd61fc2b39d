#include "kernels/softmax/softmax.h"

#include <gmock/gmock.h>

#include "kernels/eigen/backend_testing.h"
#include "kernels/families/softmax_rows/softmax_testing.h"

namespace flopmeter::softmax {
namespace {

// x = (0, ln 3): exp(x - m) = (1/3, 1), y = (1/4, 3/4).
// dy = (4, 8): sum y dy = 7, dx = (1/4 (4 - 7), 3/4 (8 - 7)).
TEST(Softmax, ComputesTheDefinition) {
  const auto [y, dx] = softmax_rows::pair<Layer>({0, std::log(3.0)}, {4, 8});
  EXPECT_NEAR(y[0], 0.25, 1e-15);
  EXPECT_NEAR(y[1], 0.75, 1e-15);
  EXPECT_NEAR(dx[0], -0.75, 1e-14);
  EXPECT_NEAR(dx[1], 0.75, 1e-14);
}

// exp(1000) alone would be infinite.
TEST(Softmax, OfLargeNumbers) {
  const auto [y, dx] = softmax_rows::pair<Layer>({1000, 1000}, {1, 0});
  EXPECT_EQ(y[0], 0.5);
  EXPECT_EQ(dx[0], 0.25);
}

// 2 rows of 5: 4 comparisons, 5 subtractions, 5 exp, 4 adds, 5 divides. Backward 5 MACs (4 adds), 5
// subtractions, 5 multiplies.
TEST(Softmax, Counts) {
  EXPECT_EQ(softmax_rows::counts<Layer>("mb2c5", Pass::forward),
            (OpCounts{.adds = 18, .divides = 10, .exponentials = 10, .comparisons = 8}));
  EXPECT_EQ(softmax_rows::counts<Layer>("mb2c5", Pass::backward_data),
            (OpCounts{.macs = 10, .multiplies = 20, .adds = 18}));
}

TEST(Softmax, RefusesWithTheReason) {
  EXPECT_THAT([] { parse_shape<Layer>("mb3"); },
              testing::ThrowsMessage<BadInput>(testing::HasSubstr("softmax needs c")));
  EXPECT_THAT([] { parse_shape<Layer>("mb3c0"); },
              testing::ThrowsMessage<BadInput>(testing::HasSubstr("c (length of a row) is 0")));
}

// With two threads as well, which share the rows.
TEST(SoftmaxEigen, SizesAndThreads) {
  for (const auto* text : {"mb1c1", "mb1c100", "mb2c17", "mb7c64"}) {
    eigen::expect_right<Layer>(text);
  }
  eigen::expect_unavailable<Layer>("mb2c4");
}

}  // namespace
}  // namespace flopmeter::softmax
