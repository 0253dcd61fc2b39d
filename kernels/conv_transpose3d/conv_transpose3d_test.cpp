#include "kernels/conv_transpose3d/conv_transpose3d.h"

#include <gmock/gmock.h>

#include <numeric>

namespace flopmeter::conv_transpose3d {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(ConvTranspose3dShape, ParsesAndPrints) {
  const Shape shape = parse("mb1ic64id8oc32kd2sd2");
  EXPECT_EQ(shape.ow, 16);
  EXPECT_EQ(print_shape<Layer>(shape), "mb1ic64id8oc32od16kd2sd2pd0");
  EXPECT_THAT(Layer::operands(shape, Pass::forward)[1].dims, testing::ElementsAre(64, 32, 2, 2, 2));
  EXPECT_THAT([] { parse("ic1ih5oc1kh3"); },
              ThrowsMessage<BadInput>(HasSubstr("conv_transpose3d needs id and kd")));
}

// 8^3 inputs x 64 x 32 channels x 8 taps, none cropped; each of 16^3 outputs is a sum of 64.
TEST(ConvTranspose3dFormula, Upsampling) {
  const Formula formula = Layer::formula(parse("mb1ic64id8oc32kd2sd2bias0"), Pass::forward);
  EXPECT_EQ(formula.dense.macs, 8'388'608);
  EXPECT_EQ(formula.dense.adds, 8'388'608 - 4096 * 32);
  EXPECT_EQ(formula.in_bounds, formula.dense);
}

// One input, 2, on weights 0 to 7: each is one output.
TEST(ConvTranspose3dReference, ComputesTheDefinition) {
  const Shape shape = parse("mb1ic1id1oc1kd2bias0");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  tensors["src"][0] = 2;
  std::iota(tensors["weights"], tensors["weights"] + 8, 0);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data, testing::ElementsAre(0, 2, 4, 6, 8, 10, 12, 14));
}

}  // namespace
}  // namespace flopmeter::conv_transpose3d
