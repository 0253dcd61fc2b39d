#include "kernels/hardtanh/hardtanh.h"

#include "kernels/families/eltwise/eltwise_testing.h"

namespace flopmeter::hardtanh {
namespace {

using eltwise::counts_of_6;
using eltwise::gradient_at;
using eltwise::value_at;

TEST(Hardtanh, ClampsFromBothSides) {
  EXPECT_EQ(value_at<Layer>(-2), -1);
  EXPECT_EQ(value_at<Layer>(0.5), 0.5);
  EXPECT_EQ(value_at<Layer>(2), 1);
  EXPECT_EQ(gradient_at<Layer>(-2, 5), 0);
  EXPECT_EQ(gradient_at<Layer>(0.5, 5), 5);
  EXPECT_EQ(gradient_at<Layer>(2, 5), 0);
  EXPECT_EQ(gradient_at<Layer>(1, 5), 0) << "the corners belong to the flat parts, as in PyTorch";
}

// A max and a min, or two selects, an element.
TEST(Hardtanh, Counts) {
  EXPECT_EQ(counts_of_6<Layer>(Pass::forward), (OpCounts{.comparisons = 12}));
  EXPECT_EQ(counts_of_6<Layer>(Pass::backward_data), (OpCounts{.comparisons = 12}));
}

TEST(Hardtanh, BackendsAgreeFromMinus8To8) { eltwise::expect_agreement_from_minus_8_to_8<Layer>(); }

}  // namespace
}  // namespace flopmeter::hardtanh
