#include "kernels/silu/silu.h"

#include "kernels/families/eltwise/eltwise_testing.h"

namespace flopmeter::silu {
namespace {

using eltwise::counts_of_6;
using eltwise::gradient_at;
using eltwise::value_at;

// s(1) = 0.731058579
TEST(Silu, IsXTimesTheSigmoid) {
  EXPECT_EQ(value_at<Layer>(0), 0);
  EXPECT_NEAR(value_at<Layer>(1), 0.731058579, 1e-9);
  EXPECT_NEAR(value_at<Layer>(-1), 0.731058579 - 1, 1e-9);
  EXPECT_NEAR(gradient_at<Layer>(1, 2), 2 * 0.731058579 * (1 + 0.268941421), 1e-8);
}

// exp, 1 + exp and a divide: the sign of x is free. Backward the same for s, then 1 - s, x (..),
// 1 + .., dy s and the product.
TEST(Silu, Counts) {
  EXPECT_EQ(counts_of_6<Layer>(Pass::forward),
            (OpCounts{.adds = 6, .divides = 6, .exponentials = 6}));
  EXPECT_EQ(counts_of_6<Layer>(Pass::backward_data),
            (OpCounts{.multiplies = 18, .adds = 18, .divides = 6, .exponentials = 6}));
}

TEST(Silu, BackendsAgreeFromMinus8To8) { eltwise::expect_agreement_from_minus_8_to_8<Layer>(); }

}  // namespace
}  // namespace flopmeter::silu
