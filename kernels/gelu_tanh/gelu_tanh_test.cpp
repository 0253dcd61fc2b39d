#include "kernels/gelu_tanh/gelu_tanh.h"

#include "kernels/families/eltwise/eltwise_testing.h"

namespace flopmeter::gelu_tanh {
namespace {

using eltwise::counts_of_6;
using eltwise::gradient_at;
using eltwise::value_at;

// x = 1: tanh(0.797884561 x 1.044715) = tanh(0.833561958) = 0.682383984
// t' = (1 - t^2) (0.797884561 + 3 x 0.0356774081) = 0.534352099 x 0.904916786
TEST(GeluTanh, IsTheApproximation) {
  EXPECT_EQ(value_at<Layer>(0), 0);
  EXPECT_NEAR(value_at<Layer>(1), 0.5 * 1.682383984, 1e-7);
  EXPECT_NEAR(value_at<Layer>(-1), -0.5 * (1 - 0.682383984), 1e-7);
  EXPECT_NEAR(gradient_at<Layer>(1, 2), 1.682383984 + 0.534352099 * 0.904916786, 1e-6);
}

// x^2, b x^2, x (..), x/2 and the product; a + .., 1 + t. Backward: x^2, b x^2, x (..), 3b x^2,
// t^2, x (1 - t^2), times the slope, dy/2 and the product; a + .. twice, 1 - t^2, 1 + t and the
// sum.
TEST(GeluTanh, Counts) {
  EXPECT_EQ(counts_of_6<Layer>(Pass::forward),
            (OpCounts{.multiplies = 30, .adds = 12, .tanhs = 6}));
  EXPECT_EQ(counts_of_6<Layer>(Pass::backward_data),
            (OpCounts{.multiplies = 54, .adds = 30, .tanhs = 6}));
}

TEST(GeluTanh, BackendsAgreeFromMinus8To8) { eltwise::expect_agreement_from_minus_8_to_8<Layer>(); }

}  // namespace
}  // namespace flopmeter::gelu_tanh
