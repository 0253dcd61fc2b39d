#include "kernels/sigmoid/sigmoid.h"

#include "kernels/families/eltwise/eltwise_testing.h"

namespace flopmeter::sigmoid {
namespace {

using eltwise::counts_of_6;
using eltwise::gradient_at;
using eltwise::value_at;

TEST(Sigmoid, IsTheLogisticFunction) {
  EXPECT_EQ(value_at<Layer>(0), 0.5);
  EXPECT_NEAR(value_at<Layer>(1), 0.731058579, 1e-9);
  EXPECT_EQ(gradient_at<Layer>(0, 8), 2);
  EXPECT_NEAR(gradient_at<Layer>(1), 0.731058579 * 0.268941421, 1e-9);
}

// exp, 1 + exp and a divide; backward 1 - y, dy y and the product.
TEST(Sigmoid, Counts) {
  EXPECT_EQ(counts_of_6<Layer>(Pass::forward),
            (OpCounts{.adds = 6, .divides = 6, .exponentials = 6}));
  EXPECT_EQ(counts_of_6<Layer>(Pass::backward_data), (OpCounts{.multiplies = 12, .adds = 6}));
}

TEST(Sigmoid, BackendsAgreeFromMinus8To8) { eltwise::expect_agreement_from_minus_8_to_8<Layer>(); }

}  // namespace
}  // namespace flopmeter::sigmoid
