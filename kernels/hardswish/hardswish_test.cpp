#include "kernels/hardswish/hardswish.h"

#include "kernels/families/eltwise/eltwise_testing.h"

namespace flopmeter::hardswish {
namespace {

using eltwise::counts_of_6;
using eltwise::gradient_at;
using eltwise::value_at;

TEST(Hardswish, IsClampedAtThree) {
  EXPECT_EQ(value_at<Layer>(-4), 0);
  EXPECT_NEAR(value_at<Layer>(1), 2.0 / 3, 1e-15);
  EXPECT_EQ(value_at<Layer>(4), 4);
  EXPECT_EQ(gradient_at<Layer>(-4, 6), 0);
  EXPECT_NEAR(gradient_at<Layer>(1, 6), 5, 1e-14);
  EXPECT_EQ(gradient_at<Layer>(4, 6), 6);
}

// x/6, + 1/2, max, min and the product; backward x/3, + 1/2, two selects and the product.
TEST(Hardswish, Counts) {
  const OpCounts six{.multiplies = 12, .adds = 6, .comparisons = 12};
  EXPECT_EQ(counts_of_6<Layer>(Pass::forward), six);
  EXPECT_EQ(counts_of_6<Layer>(Pass::backward_data), six);
}

TEST(Hardswish, BackendsAgreeFromMinus8To8) {
  eltwise::expect_agreement_from_minus_8_to_8<Layer>();
}

}  // namespace
}  // namespace flopmeter::hardswish
