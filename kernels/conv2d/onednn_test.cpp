#include "kernels/conv2d/conv2d.h"
#include "kernels/onednn/backend_testing.h"

namespace flopmeter::conv2d {
namespace {

/// Channels of whole groups, now and then depthwise, and an output that asks for up to one more
/// stride of padding below and to the right.
Shape legal(Shape shape, std::mt19937_64& random) {
  const bool depthwise = random() % 4 == 0;
  shape.ic = depthwise ? shape.g : shape.g * shape.ic;
  shape.oc = depthwise ? shape.g : shape.g * shape.oc;
  const auto extra = static_cast<std::int64_t>(random() % 2);
  shape.oh = std::max<std::int64_t>(shape.vertical().default_out() + extra, 1);
  shape.ow = std::max<std::int64_t>(shape.horizontal().default_out() + extra, 1);
  return Layer::complete(shape);
}

/// Random small shapes and those that oneDNN's kernels treat differently: few input channels,
/// depthwise, pointwise, strided, dilated, outputs without any tap, input left over at the end.
std::vector<Shape> shapes() {
  std::vector<Shape> shapes;
  for (const auto* text :
       {"mb1ic1ih1oc1kh1", "mb1ic1ih1oc1kh1bias0", "mb1ic3ih56oc32kh7sh2ph3",
        "mb2ic16ih14oc32kh3ph1", "mb1ic64ih7oc64kh1bias0", "mb1ic64ih8oc32oh4kh1sh2ph0",
        "g32mb2ic32ih14oc32kh3ph1", "g32mb1ic32ih15oc32kh5sh2ph2dh1bias0",
        "g16mb1ic16ih9oc48kh3ph1", "g2mb1ic34ih9oc18kh3ph1", "mb1ic16ih28oc16oh14kh3sh2ph0",
        "mb1ic16ih28oc16kh3ph2dh1", "mb1ic8ih4oc8kh3ph5", "mb1ic8ih4oc8kh3ph5bias0",
        "mb1ic4ih16iw5oc7kh3kw1sh1sw2ph1pw0dh2dw0", "mb3ic5ih6oc9oh8kh2sh1ph0"}) {
    shapes.push_back(parse_shape<Layer>(text));
  }
  std::mt19937_64 random(1);
  while (shapes.size() < 200) {
    shapes.push_back(legal(onednn::draw<Layer>(random), random));
  }
  return shapes;
}

class Conv2dOnednn : public testing::TestWithParam<Setup> {};

TEST_P(Conv2dOnednn, AgreesWithTheReferenceOrIsUnavailable) {
  onednn::expect_agreement<Layer>(shapes(), GetParam(), prepare_onednn);
}

INSTANTIATE_TEST_SUITE_P(All, Conv2dOnednn, testing::ValuesIn(onednn::setups), onednn::setup_name);

}  // namespace
}  // namespace flopmeter::conv2d
