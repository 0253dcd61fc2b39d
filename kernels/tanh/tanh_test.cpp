#include "kernels/tanh/tanh.h"

#include "kernels/families/eltwise/eltwise_testing.h"

namespace flopmeter::tanh {
namespace {

using eltwise::counts_of_6;
using eltwise::gradient_at;
using eltwise::value_at;

TEST(Tanh, AndItsDerivative) {
  EXPECT_EQ(value_at<Layer>(0), 0);
  EXPECT_NEAR(value_at<Layer>(1), 0.761594156, 1e-9);
  EXPECT_NEAR(gradient_at<Layer>(1, 2), 2 * 0.419974342, 1e-8);
}

// Backward y^2, 1 - y^2 and the product.
TEST(Tanh, Counts) {
  EXPECT_EQ(counts_of_6<Layer>(Pass::forward), (OpCounts{.tanhs = 6}));
  EXPECT_EQ(counts_of_6<Layer>(Pass::backward_data), (OpCounts{.multiplies = 12, .adds = 6}));
}

TEST(Tanh, BackendsAgreeFromMinus8To8) { eltwise::expect_agreement_from_minus_8_to_8<Layer>(); }

}  // namespace
}  // namespace flopmeter::tanh
