#include "kernels/conv1d/conv1d.h"

#include <gmock/gmock.h>

namespace flopmeter::conv1d {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(Conv1dShape, HasTheWidthAlone) {
  const Shape shape = parse("mb1ic80iw3000oc384kw3pw1");
  EXPECT_EQ(shape.ow, 3000);
  EXPECT_EQ(shape.out_pixels(), 3000);
  EXPECT_EQ(print_shape<Layer>(shape), "mb1ic80iw3000oc384ow3000kw3pw1");
  EXPECT_THAT(Layer::operands(shape, Pass::forward)[0].dims, testing::ElementsAre(1, 80, 3000));
  EXPECT_THAT(Layer::operands(shape, Pass::forward)[1].dims, testing::ElementsAre(384, 80, 3));
}

TEST(Conv1dShape, RefusesWithTheReason) {
  const auto expect_refused = [](std::string_view text, const char* why) {
    EXPECT_THAT([&] { parse(text); }, ThrowsMessage<BadInput>(HasSubstr(why))) << text;
  };
  expect_refused("ic1oc1kw3", "conv1d needs iw and kw, as in mb1ic80iw3000");
  expect_refused("ic1ih5oc1kh3", "unknown key at 'ih5");
  expect_refused("ic1iw5oc1kw7", "conv1d: the kernel spans 7 along w but the padded input only 5");
}

// 5 outputs of 2 channels x 3 taps, of which the first and the last lose one tap each: 15 - 2.
TEST(Conv1dFormula, TapsInThePadding) {
  const Formula formula = Layer::formula(parse("mb1ic2iw5oc1kw3pw1bias0"), Pass::forward);
  EXPECT_EQ(formula.parameters, 6);
  EXPECT_EQ(formula.dense, (OpCounts{.macs = 30, .multiplies = 30, .adds = 25}));
  EXPECT_EQ(formula.in_bounds, (OpCounts{.macs = 26, .multiplies = 26, .adds = 21}));
}

// Stride 2, gaps of 1, on 1 2 3 4 5: taps 1 and 3, then 3 and 5; the inputs 2 and 4 are not used.
TEST(Conv1dReference, EveryPass) {
  const Shape shape = parse("mb1ic1iw5oc1kw2sw2dw1");
  Tensors<double> forward(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1., 2., 3., 4., 5.}, forward["src"]);
  std::ranges::copy(std::array{10., 1.}, forward["weights"]);
  forward["bias"][0] = 100;
  Layer::reference(shape, Pass::forward, forward);
  EXPECT_THAT(forward.find("dst")->data, testing::ElementsAre(113, 135));

  Tensors<double> data(Layer::operands(shape, Pass::backward_data));
  std::ranges::copy(std::array{10., 1.}, data["weights"]);
  std::ranges::copy(std::array{2., 3.}, data["diff_dst"]);
  Layer::reference(shape, Pass::backward_data, data);
  EXPECT_THAT(data.find("diff_src")->data, testing::ElementsAre(20, 0, 2 + 30, 0, 3));

  Tensors<double> weights(Layer::operands(shape, Pass::backward_weights));
  std::ranges::copy(std::array{1., 2., 3., 4., 5.}, weights["src"]);
  std::ranges::copy(std::array{2., 3.}, weights["diff_dst"]);
  Layer::reference(shape, Pass::backward_weights, weights);
  EXPECT_THAT(weights.find("diff_weights")->data, testing::ElementsAre(2 + 9, 6 + 15));
  EXPECT_EQ(weights["diff_bias"][0], 5);
}

}  // namespace
}  // namespace flopmeter::conv1d
