#include "kernels/depthwise_separable/depthwise_separable.h"

#include <gtest/gtest.h>

namespace flopmeter::depthwise_separable {
namespace {

// 56 x 56 pixels: 32 channels of 9 taps, then 32 x 64 products: 903,168 + 6,422,528.
TEST(DepthwiseSeparableFormula, IsBothConvolutions) {
  const Formula formula =
      Layer::formula(parse_shape<Layer>("mb1ic32ih56oc64kh3ph1"), Pass::forward);
  EXPECT_EQ(formula.dense.macs, 7'325'696);
  EXPECT_EQ(formula.in_bounds.macs, 7'304'320);
  EXPECT_EQ(formula.parameters, 32 * 9 + 32 + 32 * 64 + 64);
}

}  // namespace
}  // namespace flopmeter::depthwise_separable
