#include "kernels/leaky_relu/leaky_relu.h"

#include "kernels/families/eltwise/eltwise_testing.h"

namespace flopmeter::leaky_relu {
namespace {

using eltwise::counts_of_6;
using eltwise::gradient_at;
using eltwise::value_at;

TEST(LeakyRelu, IsSteeperAboveZero) {
  EXPECT_FLOAT_EQ(value_at<Layer>(-200), -2);
  EXPECT_EQ(value_at<Layer>(3), 3);
  EXPECT_FLOAT_EQ(gradient_at<Layer>(-2, 500), 5);
  EXPECT_EQ(gradient_at<Layer>(3, 5), 5);
}

// A multiply and a max an element; backward, a multiply and a select.
TEST(LeakyRelu, Counts) {
  const OpCounts six{.multiplies = 6, .comparisons = 6};
  EXPECT_EQ(counts_of_6<Layer>(Pass::forward), six);
  EXPECT_EQ(counts_of_6<Layer>(Pass::backward_data), six);
}

TEST(LeakyRelu, BackendsAgreeFromMinus8To8) {
  eltwise::expect_agreement_from_minus_8_to_8<Layer>();
}

}  // namespace
}  // namespace flopmeter::leaky_relu
