#include "kernels/deform_conv2d/deform_conv2d.h"

#include "kernels/families/table/row_testing.h"

namespace flopmeter::deform_conv2d {
namespace {

using testing::ElementsAre;

// One tap of a 2 x 2 image: moved by half a pixel down and right it is the mean of all four; the last
// output lies so between its pixel and what is beyond the edge.
TEST(DeformConv2d, ReadsBetweenPixels) {
  const std::vector<double> half(8, 0.5);
  EXPECT_THAT(rows::outputs("deform_conv2d", "mb1ic1ih2oc1kh1mask0bias0", Pass::forward,
                            {{"src", {1, 2, 3, 6}}, {"offsets", half}, {"weights", {2}}}),
              ElementsAre(6, 4, 4.5, 3));
}

TEST(DeformConv2d, MaskAndBias) {
  EXPECT_THAT(
      rows::outputs(
          "deform_conv2d", "mb1ic1ih1oc1kh1", Pass::forward,
          {{"src", {3}}, {"offsets", {0, 0}}, {"mask", {0.5}}, {"weights", {4}}, {"bias", {1}}}),
      ElementsAre(7));
}

// 16 outputs of 9 taps of 2 channels: 144 places, 288 samples, 3 x 288 MACs.
TEST(DeformConv2d, CountsByHand) {
  EXPECT_EQ(rows::counts("deform_conv2d", "mb1ic2ih4oc3kh3ph1", Pass::forward),
            (OpCounts{.macs = 864,
                      .multiplies = 864 + 4 * 144 + 5 * 288,
                      .adds = 864 + 6 * 144 + 3 * 288,
                      .roundings = 288}));
}

TEST(DeformConv2d, RefusesWithTheReason) {
  rows::expect_refused("deform_conv2d", "mb1ic3ih4oc4kh3g2", "must divide ic and oc");
  rows::expect_refused("deform_conv2d", "mb1ic3ih2oc4kh3", "larger than the padded input");
  rows::expect_refused("deform_conv2d", "mb1ic3", "needs ic, ih, oc and kh");
}

}  // namespace
}  // namespace flopmeter::deform_conv2d
