#include "kernels/log_softmax/log_softmax.h"

#include <gmock/gmock.h>

#include "kernels/families/softmax_rows/softmax_testing.h"

namespace flopmeter::log_softmax {
namespace {

// x = (0, ln 3): y = (ln 1/4, ln 3/4). dy = (4, 8): dx = (4 - 12/4, 8 - 12 x 3/4).
TEST(LogSoftmax, ComputesTheDefinition) {
  const auto [y, dx] = softmax_rows::pair<Layer>({0, std::log(3.0)}, {4, 8});
  EXPECT_NEAR(y[0], std::log(0.25), 1e-15);
  EXPECT_NEAR(y[1], std::log(0.75), 1e-15);
  EXPECT_NEAR(dx[0], 1, 1e-14);
  EXPECT_NEAR(dx[1], -1, 1e-14);
}

// 2 rows of 5: 4 comparisons, 5 subtractions, 5 exp, 4 adds, ln, 5 subtractions. Backward 4 adds, 5
// exp, 5 multiplies, 5 subtractions.
TEST(LogSoftmax, Counts) {
  EXPECT_EQ(softmax_rows::counts<Layer>("mb2c5", Pass::forward),
            (OpCounts{.adds = 28, .exponentials = 10, .logarithms = 2, .comparisons = 8}));
  EXPECT_EQ(softmax_rows::counts<Layer>("mb2c5", Pass::backward_data),
            (OpCounts{.multiplies = 10, .adds = 18, .exponentials = 10}));
}

}  // namespace
}  // namespace flopmeter::log_softmax
