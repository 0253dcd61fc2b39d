#include "kernels/encoder_layer/encoder_layer.h"

#include <gtest/gtest.h>

namespace flopmeter::encoder_layer {
namespace {

// 512 tokens of 512 features: attention 545,259,520, feed-forward 2 * 512 * 512 * 2048 =
// 1,073,741,824; parameters 1,050,624 + 2,099,712 + 2 normalisations of 1,024.
TEST(EncoderLayerFormula, IsAttentionAndFeedForward) {
  const Formula formula = Layer::formula(parse_shape<Layer>("mb32l16e512h8ff2048"), Pass::forward);
  EXPECT_EQ(formula.dense.macs, 1'619'001'344);
  EXPECT_EQ(formula.parameters, 3'152'384);
}

}  // namespace
}  // namespace flopmeter::encoder_layer
