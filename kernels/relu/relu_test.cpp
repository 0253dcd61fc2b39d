#include "kernels/relu/relu.h"

#include "kernels/families/eltwise/eltwise_testing.h"

namespace flopmeter::relu {
namespace {

using eltwise::counts_of_6;
using eltwise::gradient_at;
using eltwise::value_at;

TEST(Relu, ClampsFromBelow) {
  EXPECT_EQ(value_at<Layer>(-2), 0);
  EXPECT_EQ(value_at<Layer>(3), 3);
  EXPECT_EQ(gradient_at<Layer>(-2, 5), 0);
  EXPECT_EQ(gradient_at<Layer>(3, 5), 5);
}

// One max, or one select, an element: nothing that a convention counts as a FLOP.
TEST(Relu, Counts) {
  EXPECT_EQ(counts_of_6<Layer>(Pass::forward), (OpCounts{.comparisons = 6}));
  EXPECT_EQ(counts_of_6<Layer>(Pass::backward_data), (OpCounts{.comparisons = 6}));
}

TEST(Relu, BackendsAgreeFromMinus8To8) { eltwise::expect_agreement_from_minus_8_to_8<Layer>(); }

}  // namespace
}  // namespace flopmeter::relu
