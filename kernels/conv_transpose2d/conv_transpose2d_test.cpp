#include "kernels/conv_transpose2d/conv_transpose2d.h"

#include <gmock/gmock.h>

#include "kernels/conv2d/conv2d.h"
#include "kernels/eigen/backend_testing.h"

namespace flopmeter::conv_transpose2d {
namespace {

using testing::ElementsAre;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

// 28 x 28 inputs x 64 x 32 channels x 16 taps; in bounds an axis has 28 * 4 - 2 taps: 110 x 110 x
// 2048. With a bias every product is an add.
TEST(ConvTranspose2dFormula, Upsampling) {
  const Shape shape = parse("mb1ic64ih28oc32kh4sh2ph1");
  EXPECT_EQ(shape.oh, 56);
  const Formula formula = Layer::formula(shape, Pass::forward);
  EXPECT_EQ(formula.parameters, 64 * 32 * 16 + 32);
  EXPECT_EQ(formula.dense.macs, 25'690'112);
  EXPECT_EQ(formula.dense.adds, 25'690'112);
  EXPECT_EQ(formula.in_bounds.macs, 24'780'800);
  EXPECT_EQ(formula.in_bounds.adds, 24'780'800);
}

TEST(ConvTranspose2dFormula, IsTheGradientOfItsMirrorImage) {
  const Shape shape = parse("g2mb2ic4ih5iw7oc6kh3kw3sh2sw2ph1pw1bias0");
  const auto mirror = conv2d::Layer::complete(conv::mirrored(shape));
  const Formula forward = Layer::formula(shape, Pass::forward);
  const Formula gradient = conv2d::Layer::formula(mirror, Pass::backward_data);
  EXPECT_EQ(forward.in_bounds, gradient.in_bounds);
  EXPECT_EQ(forward.dense, gradient.dense);
}

TEST(ConvTranspose2dPaddedOut, IsNotCropped) {
  const Shape padded = Layer::padded_out(parse("mb1ic2ih4oc3kh3ph1"));
  EXPECT_EQ(padded.oh, 6);
  EXPECT_EQ(padded.ph, 0);
}

// x = (1 10; 100 1000), w = (1 2; 3 4): as the gradient of a 2 x 2 convolution.
TEST(ConvTranspose2dReference, ComputesTheDefinition) {
  const Shape shape = parse("mb1ic1ih2oc1kh2bias0");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1., 10., 100., 1000.}, tensors["src"]);
  std::ranges::copy(std::array{1., 2., 3., 4.}, tensors["weights"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data, ElementsAre(1, 12, 20, 103, 1234, 2040, 300, 3400, 4000));
}

// Weights lie as PyTorch's, ic x oc: x = (1, 10) on 2 channels, w = (2 3; 4 5).
TEST(ConvTranspose2dReference, InputChannelsComeFirst) {
  const Shape shape = parse("mb1ic2ih1oc2kh1bias0");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1., 10.}, tensors["src"]);
  std::ranges::copy(std::array{2., 3., 4., 5.}, tensors["weights"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data, ElementsAre(42, 53));
}

// More channels and pixels than one block of columns holds, and the product itself.
TEST(ConvTranspose2dEigen, SeveralBlocks) {
  for (const char* text :
       {"mb2ic9ih30oc70kh3ph1", "mb1ic3ih20iw40oc130kh3kw3ph1pw1bias0", "mb1ic4ih20oc20kh7ph3sh2",
        "g2mb2ic8ih28oc150kh3ph1", "mb1ic6ih50iw60oc8kh1kw1", "mb2ic6ih7oc8kh1bias0"}) {
    eigen::expect_right<Layer>(text);
  }
}

// One input channel, 2 x 2 taps, 3 x 3 inputs: 36 multiplies in Eigen's product and one for its
// scale, and as many adds as there are products, each of which has an output.
TEST(ConvTranspose2dEigen, AddsEveryColumn) {
  const OpCounts counts = Layer::backends()[1].stated(parse("mb1ic1ih3oc1kh2bias0"), Pass::forward);
  EXPECT_EQ(counts, (OpCounts{.macs = 36, .multiplies = 37, .adds = 36}));
}

}  // namespace
}  // namespace flopmeter::conv_transpose2d
