#include "kernels/conv3d/conv3d.h"

#include <gmock/gmock.h>

#include <numeric>

namespace flopmeter::conv3d {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(Conv3dShape, CubesAndSquaresAreWrittenShort) {
  EXPECT_EQ(parse("mb1ic3id8oc4kd3"), parse("mb1ic3id8ih8iw8oc4od6oh6ow6kd3kh3kw3pd0ph0pw0"));
  for (const std::string_view text : {"mb1ic3id8oc4od6kd3pd0", "mb1ic3id8ih9oc4od8oh7kd1kh3pd0ph0",
                                      "g2mb1ic4id8ih9iw7oc4od8oh9ow7kd3kh3kw1pd1ph1pw0bias0",
                                      "mb2ic4id9ih9iw5oc4od5oh5ow5kd3kh3kw1sd2sh2sw1pd1ph1pw0"}) {
    EXPECT_EQ(print_shape<Layer>(parse(text)), text);
  }
}

TEST(Conv3dShape, RefusesWithTheReason) {
  const auto expect_refused = [](std::string_view text, const char* why) {
    EXPECT_THAT([&] { parse(text); }, ThrowsMessage<BadInput>(HasSubstr(why))) << text;
  };
  expect_refused("ic1ih5oc1kh3", "conv3d needs id and kd, as in mb1ic3id16");
  expect_refused("ic1id5iw5oc1kd3", "conv3d needs iw and kw");
  expect_refused("ic1id5ih2oc1kd1kh3", "the kernel spans 3 along h");
}

// C3D's first layer: 64 x 16 x 112 x 112 outputs of 3 x 27 taps; in bounds 46 * 334 * 334 taps.
TEST(Conv3dFormula, PaddedThreeByThreeByThree) {
  const Formula formula = Layer::formula(parse("mb1ic3id16ih112oc64kd3kh3pd1ph1"), Pass::forward);
  EXPECT_EQ(formula.parameters, 64 * 81 + 64);
  EXPECT_EQ(formula.dense.macs, 1'040'449'536);
  EXPECT_EQ(formula.in_bounds.macs, 64 * 3 * 46 * 334 * 334);
}

// x = 0..7 in a cube of 2, w = 1, 10, ..., 10^7: every tap has its own decimal place.
TEST(Conv3dReference, ComputesTheDefinition) {
  const Shape shape = parse("mb1ic1id2oc1kd2bias0");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::iota(tensors["src"], tensors["src"] + 8, 0);
  double place = 1;
  for (double& weight : tensors.find("weights")->data) {
    weight = place;
    place *= 10;
  }
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_EQ(tensors["dst"][0], 76543210);
}

}  // namespace
}  // namespace flopmeter::conv3d
