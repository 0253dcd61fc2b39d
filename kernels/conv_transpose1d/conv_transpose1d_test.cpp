#include "kernels/conv_transpose1d/conv_transpose1d.h"

#include <gmock/gmock.h>

namespace flopmeter::conv_transpose1d {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(ConvTranspose1dShape, DerivesOutputOrPadding) {
  EXPECT_EQ(parse("ic1iw10oc1kw3").ow, 12);
  EXPECT_EQ(parse("ic1iw10oc1kw4sw2pw1").ow, 20);
  EXPECT_EQ(parse("ic1iw10oc1ow20kw4sw2").pw, 1);
  EXPECT_EQ(parse("ic1iw3oc1kw2sw2dw2").ow, 8);
  EXPECT_EQ(print_shape<Layer>(parse("ic1iw9oc2ow18kw3sw2pw1")), "mb2ic1iw9oc2ow18kw3sw2pw1");
}

TEST(ConvTranspose1dShape, RefusesWithTheReason) {
  const auto expect_refused = [](std::string_view text, const char* why) {
    EXPECT_THAT([&] { parse(text); }, ThrowsMessage<BadInput>(HasSubstr(why))) << text;
  };
  expect_refused("ic1iw9oc1", "conv_transpose1d needs iw and kw");
  expect_refused("ic1iw2oc1kw3pw2", "padding 2 along w crops all outputs");
  // 8 * 2 + 3 outputs, of which padding crops the first.
  expect_refused("ic1iw9oc1ow20kw3sw2pw1", "ow is 20, but the input gives 18 and less than 2 more");
  expect_refused("g2ic3iw5oc4kw3", "g 2 must divide ic 3 and oc 4");
}

// 3 inputs of 3 taps each, the first and the last cropped by one: 9 - 2 products for 3 outputs.
// Dense: 9 products for 5 outputs.
TEST(ConvTranspose1dFormula, CroppedTaps) {
  const Formula formula = Layer::formula(parse("mb1ic1iw3oc1kw3pw1bias0"), Pass::forward);
  EXPECT_EQ(formula.in_bounds, (OpCounts{.macs = 7, .multiplies = 7, .adds = 7 - 3}));
  EXPECT_EQ(formula.dense, (OpCounts{.macs = 9, .multiplies = 9, .adds = 9 - 5}));
}

// Stride 2, 3 taps, 2 inputs: 2 w and 3 w beside each other, 2 apart, with one more output at the
// end: 20 2 (20+30) 3 30, less the first output, plus the bias.
TEST(ConvTranspose1dReference, EveryPass) {
  const Shape shape = parse("mb1ic1iw2oc1ow5kw3sw2pw1");
  Tensors<double> forward(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{2., 3.}, forward["src"]);
  std::ranges::copy(std::array{10., 1., 10.}, forward["weights"]);
  forward["bias"][0] = 100;
  Layer::reference(shape, Pass::forward, forward);
  EXPECT_THAT(forward.find("dst")->data, ElementsAre(102, 150, 103, 130, 100));

  Tensors<double> data(Layer::operands(shape, Pass::backward_data));
  std::ranges::copy(std::array{1., 2., 3., 4., 5.}, data["diff_dst"]);
  std::ranges::copy(std::array{10., 1., 10.}, data["weights"]);
  Layer::reference(shape, Pass::backward_data, data);
  EXPECT_THAT(data.find("diff_src")->data, ElementsAre(1 + 20, 20 + 3 + 40));

  Tensors<double> weights(Layer::operands(shape, Pass::backward_weights));
  std::ranges::copy(std::array{2., 3.}, weights["src"]);
  std::ranges::copy(std::array{1., 2., 3., 4., 5.}, weights["diff_dst"]);
  Layer::reference(shape, Pass::backward_weights, weights);
  EXPECT_THAT(weights.find("diff_weights")->data, ElementsAre(3 * 2, 2 + 3 * 3, 2 * 2 + 3 * 4));
  EXPECT_EQ(weights["diff_bias"][0], 15);
}

}  // namespace
}  // namespace flopmeter::conv_transpose1d
