#include "kernels/decoder_layer/decoder_layer.h"

#include <gtest/gtest.h>

namespace flopmeter::decoder_layer {
namespace {

// Eight attention projections of 512^2 each, two feed-forward matrices of 512 x 2048, 16 tokens;
// scores and values of 16 x 16 to themselves (in bounds 136 pairs) and to the encoder.
TEST(DecoderLayerFormula, HasTwoAttentions) {
  const Formula formula = Layer::formula(parse_shape<Layer>("mb1l16e512h8ff2048"), Pass::forward);
  EXPECT_EQ(formula.dense.macs, 16 * (8 * 512 * 512 + 2 * 512 * 2048) + 2 * 2 * 16 * 16 * 512);
  EXPECT_EQ(formula.dense.macs - formula.in_bounds.macs, 2 * (256 - 136) * 512);
  EXPECT_EQ(formula.parameters, 2 * 1'050'624 + 2'099'712 + 3 * 1'024);
}

}  // namespace
}  // namespace flopmeter::decoder_layer
