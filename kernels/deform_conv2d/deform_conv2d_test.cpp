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

// One output at (0.5, 1.25) of the image 1 2 3 / 5 7 11, weight 2, gradient 3: each of the four pixels takes its share of
// 6 times the mask, one step down is 7 - 2 and 11 - 3 by shares, one to the right 3 - 2 and 11 - 7.
TEST(DeformConv2d, BringsGradientsToPixelsMaskAndOffsets) {
  EXPECT_THAT(rows::outputs("deform_conv2d", "mb1ic1ih2iw3oc1kh1sh2sw3", Pass::backward_data,
                            {{"src", {1, 2, 3, 5, 7, 11}},
                             {"offsets", {0.5, 1.25}},
                             {"mask", {0.5}},
                             {"weights", {2}},
                             {"diff_dst", {3}}}),
              ElementsAre(0, 3 * 0.375, 3 * 0.125, 0, 3 * 0.375, 3 * 0.125,        // src
                          3 * (0.75 * 5 + 0.25 * 8), 3 * (0.5 * 1 + 0.5 * 4),      // offsets
                          6 * (0.375 * 2 + 0.125 * 3 + 0.375 * 7 + 0.125 * 11)));  // mask
}

TEST(DeformConv2d, SumsGradientsOfWeightsOverOutputs) {
  EXPECT_THAT(rows::outputs("deform_conv2d", "mb1ic1ih1iw2oc1kh1", Pass::backward_weights,
                            {{"src", {4, 8}},
                             {"offsets", {0, 0, 0.5, -1}},
                             {"mask", {1, 0.5}},
                             {"diff_dst", {3, 5}}}),
              ElementsAre(3 * 6 + 5 * 2, 8));
}

// 16 outputs, 144 places, 288 samples as above: 3 MACs of output channels a sample, one of either offset and of the
// mask.
TEST(DeformConv2d, CountsGradientsByHand) {
  EXPECT_EQ(rows::counts("deform_conv2d", "mb1ic2ih4oc3kh3ph1", Pass::backward_data),
            (OpCounts{.macs = 6 * 288,
                      .multiplies = 6 * 288 + 4 * 144 + (4 + 4 + 5) * 288,
                      .adds = 5 * 288 - 3 * 144 + 6 * 144 + 13 * 288,
                      .roundings = 288}));
  EXPECT_EQ(rows::counts("deform_conv2d", "mb1ic2ih4oc3kh3ph1mask0bias0", Pass::backward_weights),
            (OpCounts{.macs = 864,
                      .multiplies = 864 + 4 * 144 + 4 * 288,
                      .adds = 15 * 54 + 6 * 144 + 3 * 288,
                      .roundings = 288}));
}

TEST(DeformConv2d, RefusesWithTheReason) {
  rows::expect_refused("deform_conv2d", "mb1ic3ih4oc4kh3g2", "must divide ic and oc");
  rows::expect_refused("deform_conv2d", "mb1ic3ih2oc4kh3", "larger than the padded input");
  rows::expect_refused("deform_conv2d", "mb1ic3", "needs ic, ih, oc and kh");
}

}  // namespace
}  // namespace flopmeter::deform_conv2d
