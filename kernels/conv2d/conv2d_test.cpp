#include "kernels/conv2d/conv2d.h"

#include <gmock/gmock.h>

namespace flopmeter::conv2d {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(Conv2dShape, ParsesBenchdnnDescriptors) {
  const Shape resnet{1, 1, 3, 224, 224, 64, 112, 112, 7, 7, 2, 2, 3, 3, 0, 0, 1};
  EXPECT_EQ(parse("g1mb1ic3ih224oc64oh112kh7sh2ph3"), resnet);
  EXPECT_EQ(parse("g1mb1ic3ih224oc64kh7sh2ph3"), resnet);
  EXPECT_EQ(parse("mb1ic3ih224iw224oc64oh112ow112kh7kw7sh2sw2ph3pw3"), resnet);
}

TEST(Conv2dShape, DerivesOutputOrPaddingAsBenchdnnDoes) {
  EXPECT_EQ(parse("ic1ih10oc1kh3").oh, 8);
  EXPECT_EQ(parse("ic1ih10oc1kh3").mb, 2);
  EXPECT_EQ(parse("ic1ih10oc1oh10kh3").ph, 1);
  EXPECT_EQ(parse("ic1ih10oc1kh3dh1ph2").oh, 10);
  const Shape rectangular = parse("mb1ic1ih130iw40oc32kh4kw10sh2sw8");
  EXPECT_EQ(rectangular.oh, 64);
  EXPECT_EQ(rectangular.ow, 4);
}

TEST(Conv2dShape, PrintsWhatItParses) {
  for (const std::string_view text :
       {"mb1ic3ih224oc64oh112kh7sh2ph3", "g32mb1ic32ih56oc32oh56kh3ph1",
        "mb1ic1ih130iw40oc32oh64ow4kh4kw10sh2sw8ph0pw0bias0", "mb2ic4ih9oc4oh9kh3ph2dh1"}) {
    EXPECT_EQ(print_shape<Layer>(parse(text)), text);
  }
}

void expect_refused(std::string_view text, const char* why) {
  EXPECT_THAT([&] { parse(text); }, ThrowsMessage<BadInput>(HasSubstr(why))) << text;
}

TEST(Conv2dShape, RefusesWithTheReason) {
  expect_refused("ih5oc1kh3", "needs ic and oc");
  expect_refused("ic1oc1kh3", "needs ih and kh");
  expect_refused("ic1ih5iw5oc1kh3", "needs iw and kw");
  expect_refused("ic1ih5oc1kh7", "the kernel spans 7 along h but the padded input only 5");
  expect_refused("ic1ih5oc1kh3dh2", "the kernel spans 7 along h");
  expect_refused("g2ic3ih5oc4kh3", "g 2 must divide ic 3 and oc 4");
  expect_refused("g2ic4ih5oc3kh3", "g 2 must divide ic 4 and oc 3");
  expect_refused("ic1ih9oc1oh2kh3ph0", "oh is 2, but the padded input gives 7");
  expect_refused("ic1ih9oc1kh3sh0", "sh (vertical stride) is 0, must be at least 1");
  expect_refused("ic1ih9oc1kh3bias3", "must be 0 or 1");
}

TEST(Conv2dShape, OverflowIsReported) {
  EXPECT_THROW(parse("ic1ih9223372036854775807oc1kh1ph1"), CountOverflow);
  EXPECT_THROW(Layer::formula(parse("mb4000000000ic4000000000ih1oc2kh1"), Pass::forward),
               CountOverflow);
}

// 224 x 224 x 64 outputs x 27 taps; in bounds the 3 taps of an axis see 224 * 3 - 2 inputs.
TEST(Conv2dFormula, PaddedThreeByThree) {
  const Formula formula = Layer::formula(parse("mb1ic3ih224oc64oh224kh3ph1"), Pass::forward);
  EXPECT_EQ(formula.parameters, 1792);
  EXPECT_EQ(formula.dense.macs, 86704128);
  EXPECT_EQ(formula.dense.adds, 86704128);
  EXPECT_EQ(formula.in_bounds.macs, 86188800);
  EXPECT_EQ(formula.in_bounds.adds, 86188800);
}

// ResNet-50's first layer: 118,013,952 dense; in bounds an axis sees 112 * 7 - (3 + 1 + 2) = 778.
TEST(Conv2dFormula, StridedSevenBySeven) {
  const Formula formula = Layer::formula(parse("mb1ic3ih224oc64kh7sh2ph3"), Pass::forward);
  EXPECT_EQ(formula.dense.macs, 118013952);
  EXPECT_EQ(formula.in_bounds.macs, 116214528);
}

// 2 groups, no bias: 2x2 outputs, 3 channels a group, 2x2 kernel, 4 output channels.
TEST(Conv2dFormula, GroupedWithoutBias) {
  const Formula formula = Layer::formula(parse("g2mb1ic6ih3oc4kh2bias0"), Pass::forward);
  EXPECT_EQ(formula.parameters, 4 * 3 * 4);
  EXPECT_EQ(formula.dense.macs, 4 * 4 * 12);
  EXPECT_EQ(formula.dense.adds, 4 * 4 * 11);
  EXPECT_EQ(formula.in_bounds, formula.dense);
}

// One input pixel, padding 2, kernel 1: 25 outputs, of which one has a tap.
TEST(Conv2dFormula, OutputsWithoutAnyTap) {
  const Formula formula = Layer::formula(parse("mb1ic1ih1oc1kh1ph2bias0"), Pass::forward);
  EXPECT_EQ(formula.dense.macs, 25);
  EXPECT_EQ(formula.in_bounds.macs, 1);
  EXPECT_EQ(formula.in_bounds.adds, 0);
}

// x = 1..9, w = (1 2; 3 4), b = 10: the first output is 1 + 4 + 12 + 20 + 10.
TEST(Conv2dReference, ComputesTheDefinition) {
  const Shape shape = parse("mb1ic1ih3oc1kh2");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1., 2., 3., 4., 5., 6., 7., 8., 9.}, tensors["src"]);
  std::ranges::copy(std::array{1., 2., 3., 4.}, tensors["weights"]);
  tensors["bias"][0] = 10;
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.entries().back().data, testing::ElementsAre(47, 57, 77, 87));
}

// Padding 1, dilation 1, stride 2 on 1..9: only the corner taps of each output lie inside.
TEST(Conv2dReference, PaddingDilationAndStride) {
  const Shape shape = parse("mb1ic1ih3oc1kh2sh2ph1dh1bias0");
  ASSERT_EQ(shape.oh, 2);
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1., 2., 3., 4., 5., 6., 7., 8., 9.}, tensors["src"]);
  std::ranges::copy(std::array{1., 2., 3., 4.}, tensors["weights"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.entries().back().data, testing::ElementsAre(4 * 5, 3 * 5, 2 * 5, 1 * 5));
}

// Depthwise: each output channel sees its own input channel alone.
TEST(Conv2dReference, GroupsDoNotMix) {
  const Shape shape = parse("g2mb1ic2ih1oc2kh1bias0");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{3., 5.}, tensors["src"]);
  std::ranges::copy(std::array{7., 11.}, tensors["weights"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.entries().back().data, testing::ElementsAre(21, 55));
}

// Depthwise 3x3 in MobileNetV2: 56 x 56 x 32 outputs of 9 taps in each pass, three times that to
// train. In bounds an axis has 56 * 3 - 2 taps: 166 * 166 * 32.
TEST(Conv2dFormula, EveryPassOfADepthwiseLayer) {
  const Shape shape = parse("g32mb1ic32ih56oc32oh56kh3ph1");
  std::int64_t training = 0;
  for (const Pass pass : all_passes) {
    const Formula formula = Layer::formula(shape, pass);
    EXPECT_EQ(formula.dense.macs, 903'168);
    EXPECT_EQ(formula.in_bounds.macs, 881'792);
    EXPECT_EQ(formula.parameters, 320);
    training += formula.dense.macs;
  }
  EXPECT_EQ(training, 2'709'504);
}

// 3 inputs, padding 1, 2 taps, stride 2: the outputs touch inputs -1 and 0, 1 and 2. No input is
// touched twice, so there is nothing to add. 3 x 3 products in bounds, 4 x 4 in the dense form.
TEST(Conv2dFormula, GradientOfTheInput) {
  const Formula formula = Layer::formula(parse("mb1ic1ih3oc1oh2kh2sh2ph1"), Pass::backward_data);
  EXPECT_EQ(formula.in_bounds, (OpCounts{.macs = 9, .multiplies = 9, .adds = 0}));
  EXPECT_EQ(formula.dense, (OpCounts{.macs = 16, .multiplies = 16, .adds = 0}));
}

// 2 samples of 2 x 2 outputs: a weight is a sum of 8 products, and the bias of 8 numbers.
TEST(Conv2dFormula, GradientsOfWeightsAndBias) {
  const Formula formula = Layer::formula(parse("mb2ic1ih3oc1kh2"), Pass::backward_weights);
  EXPECT_EQ(formula.dense, (OpCounts{.macs = 32, .multiplies = 32, .adds = 4 * 7 + 7}));
  EXPECT_EQ(formula.in_bounds, formula.dense);
}

// w = (1 2; 3 4), dy = (1 10; 100 1000): each dy adds itself times w where it stands.
TEST(Conv2dReference, GradientOfTheInput) {
  const Shape shape = parse("mb1ic1ih3oc1kh2");
  Tensors<double> tensors(Layer::operands(shape, Pass::backward_data));
  std::ranges::copy(std::array{1., 2., 3., 4.}, tensors["weights"]);
  std::ranges::copy(std::array{1., 10., 100., 1000.}, tensors["diff_dst"]);
  Layer::reference(shape, Pass::backward_data, tensors);
  EXPECT_THAT(tensors.find("diff_src")->data,
              testing::ElementsAre(1, 12, 20, 103, 1234, 2040, 300, 3400, 4000));
}

// x = 1..9, dy = (1 10; 100 1000): the first weight saw 1, 2, 4, 5.
TEST(Conv2dReference, GradientsOfWeightsAndBias) {
  const Shape shape = parse("mb1ic1ih3oc1kh2");
  Tensors<double> tensors(Layer::operands(shape, Pass::backward_weights));
  std::ranges::copy(std::array{1., 2., 3., 4., 5., 6., 7., 8., 9.}, tensors["src"]);
  std::ranges::copy(std::array{1., 10., 100., 1000.}, tensors["diff_dst"]);
  Layer::reference(shape, Pass::backward_weights, tensors);
  EXPECT_THAT(tensors.find("diff_weights")->data, testing::ElementsAre(5421, 6532, 8754, 9865));
  EXPECT_EQ(tensors["diff_bias"][0], 1111);
}

TEST(Conv2dPaddedOut, MakesEveryTapReal) {
  const Shape padded = Layer::padded_out(parse("mb1ic3ih224oc64oh112kh7sh2ph3"));
  EXPECT_EQ(padded.ih, 229);
  EXPECT_EQ(padded.ph, 0);
  const Formula formula = Layer::formula(padded, Pass::forward);
  EXPECT_EQ(formula.in_bounds, formula.dense);
  EXPECT_EQ(formula.dense.macs, 118013952);
}

}  // namespace
}  // namespace flopmeter::conv2d
