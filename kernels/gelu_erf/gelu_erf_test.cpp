#include "kernels/gelu_erf/gelu_erf.h"

#include "kernels/families/eltwise/eltwise_testing.h"

namespace flopmeter::gelu_erf {
namespace {

using eltwise::counts_of_6;
using eltwise::gradient_at;
using eltwise::value_at;

// Phi(1) = 0.841344746, phi(1) = 0.241970725
TEST(GeluErf, IsXTimesTheNormalDistribution) {
  EXPECT_EQ(value_at<Layer>(0), 0);
  EXPECT_NEAR(value_at<Layer>(1), 0.841344746, 1e-9);
  EXPECT_NEAR(value_at<Layer>(-1), 0.841344746 - 1, 1e-9);
  EXPECT_NEAR(gradient_at<Layer>(1, 2), 2 * (0.841344746 + 0.241970725), 1e-8);
}

// x/2, x / sqrt 2 and their product; 1 + erf. Backward: x / sqrt 2, 1/2 (1 + erf), -1/2 x x,
// exp / sqrt 2 pi, x phi, dy times the sum.
TEST(GeluErf, Counts) {
  EXPECT_EQ(counts_of_6<Layer>(Pass::forward), (OpCounts{.multiplies = 18, .adds = 6, .erfs = 6}));
  EXPECT_EQ(counts_of_6<Layer>(Pass::backward_data),
            (OpCounts{.multiplies = 42, .adds = 12, .exponentials = 6, .erfs = 6}));
}

TEST(GeluErf, BackendsAgreeFromMinus8To8) { eltwise::expect_agreement_from_minus_8_to_8<Layer>(); }

}  // namespace
}  // namespace flopmeter::gelu_erf
