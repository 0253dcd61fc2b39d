#include "kernels/images/images.h"

#include <set>

#include "kernels/families/table/row_testing.h"

namespace flopmeter::images {
namespace {

using rows::outputs;
using testing::DoubleNear;
using testing::ElementsAre;

std::vector<double> row_of(std::string_view layer, std::string_view shape, std::vector<double> x) {
  return outputs(layer, shape, Pass::forward, {{"src", std::move(x)}});
}

TEST(Resample, Nearest) {
  EXPECT_THAT(row_of("resample_nearest", "mb1ic1ih1iw2ow4", {1, 2}), ElementsAre(1, 1, 2, 2));
  EXPECT_THAT(row_of("resample_nearest", "mb1ic1ih1iw4ow2", {1, 2, 3, 4}), ElementsAre(2, 4));
}

// Pixels as squares: 1, 1 + 1/4, 1 + 3/4, 2. Corners on corners: thirds.
TEST(Resample, Linear) {
  EXPECT_THAT(row_of("resample_linear", "mb1ic1ih1iw2ow4", {1, 2}), ElementsAre(1, 1.25, 1.75, 2));
  EXPECT_THAT(row_of("resample_linear", "mb1ic1ih1iw2ow4corners1", {1, 2}),
              ElementsAre(1, DoubleNear(4.0 / 3, 1e-12), DoubleNear(5.0 / 3, 1e-12), 2));
  EXPECT_THAT(outputs("resample_linear", "mb1ic1ih1iw2ow4", Pass::backward_data,
                      {{"diff_dst", {1, 1, 1, 1}}}),
              ElementsAre(2, 2));
}

// By hand from the kernel, at distances 1/4 and 3/4 from pixels: it swings below 0 and above 1 beside
// a step, and keeps a constant.
TEST(Resample, Cubic) {
  const std::vector<double> y = row_of("resample_cubic", "mb1ic1ih1iw4ow8", {0, 0, 1, 1});
  EXPECT_NEAR(y[2], -0.10546875, 1e-12);
  EXPECT_NEAR(y[3], 0.2265625, 1e-12);
  EXPECT_NEAR(y[4], 0.7734375, 1e-12);
  const std::vector<double> same = row_of("resample_cubic", "mb1ic1ih1iw4ow7", {3, 3, 3, 3});
  for (const double value : same) {
    EXPECT_NEAR(value, 3, 1e-12);
  }
}

// 2 x 3 outputs of 4 taps each; one axis that stays has one. Backward: all 4 inputs are sums.
TEST(Resample, CountsByHand) {
  EXPECT_EQ(rows::counts("resample_linear", "mb1ic1ih4iw2oh2ow3", Pass::forward),
            (OpCounts{.multiplies = 24, .adds = 18}));
  EXPECT_EQ(rows::counts("resample_linear", "mb1ic1ih2iw2oh2ow3", Pass::forward),
            (OpCounts{.multiplies = 12, .adds = 6}));
  EXPECT_EQ(rows::counts("resample_cubic", "mb1ic1ih4iw2oh2ow3", Pass::forward),
            (OpCounts{.multiplies = 96, .adds = 90}));
  EXPECT_EQ(rows::counts("resample_nearest", "mb1ic3ih2iw2oh4ow4", Pass::forward), OpCounts{});
  EXPECT_EQ(rows::counts("resample_nearest", "mb1ic3ih2iw2oh4ow4", Pass::backward_data),
            (OpCounts{.adds = 36}));
}

// Prevents results of one pixel that differ by roundings of its weights.
TEST(Resample, OnePixelIsCopied) {
  EXPECT_THAT(row_of("resample_linear", "mb1ic1ih1iw1ow3", {0.3}), ElementsAre(0.3, 0.3, 0.3));
  EXPECT_EQ(rows::counts("resample_cubic", "mb1ic1ih1iw1ow3", Pass::forward), OpCounts{});
}

// The closed form against the list, where windows are apart, overlap, and reach beyond both ends.
TEST(Resample, TouchedPixelsAreThoseOfTheList) {
  for (const Kernel kernel : {Kernel::nearest, Kernel::linear, Kernel::cubic}) {
    for (const bool corners : {false, true}) {
      for (std::int64_t inputs = 1; inputs <= 30; ++inputs) {
        for (std::int64_t outputs = 1; outputs <= 30; ++outputs) {
          const Axis axis{inputs, outputs, kernel, corners};
          const std::vector<std::int64_t> pixels = axis_taps(axis).pixels;
          EXPECT_EQ(axis.touched(), std::ssize(std::set(pixels.begin(), pixels.end())))
              << inputs << " to " << outputs << " by " << axis.taps() << " taps";
        }
      }
    }
  }
}

// y = x / (1 + (sum of squares) / 3)^(3/4) of (1, 2, 3): sums 5, 14, 13.
TEST(Lrn, DividesByNeighbours) {
  EXPECT_THAT(row_of("lrn", "mb1ic3ls3", {1, 2, 3}),
              ElementsAre(DoubleNear(std::pow(1 + 5.0 / 3, -0.75), 1e-12),
                          DoubleNear(2 * std::pow(1 + 14.0 / 3, -0.75), 1e-12),
                          DoubleNear(3 * std::pow(1 + 13.0 / 3, -0.75), 1e-12)));
  // 2 + 3 + 2 terms: as many adds, one of them of k.
  EXPECT_EQ(rows::counts("lrn", "mb1ic3ls3", Pass::forward),
            (OpCounts{.multiplies = 12, .adds = 7, .exponentials = 3, .logarithms = 3}));
}

// Of a 2 x 2 channel and windows of 3 x 3 all four pixels are neighbours of each: sum 30.
TEST(Lrn, DividesByPixelsOfTheSameChannel) {
  const double factor = std::pow(1 + 30.0 / 9, -0.75);
  EXPECT_THAT(row_of("lrn", "mb1ic1ih2ls3within1", {1, 2, 3, 4}),
              ElementsAre(DoubleNear(factor, 1e-12), DoubleNear(2 * factor, 1e-12),
                          DoubleNear(3 * factor, 1e-12), DoubleNear(4 * factor, 1e-12)));
  EXPECT_EQ(rows::counts("lrn", "mb1ic1ih2ls3within1", Pass::forward),
            (OpCounts{.multiplies = 16, .adds = 16, .exponentials = 4, .logarithms = 4}));
}

TEST(Images, BackendsAgree) {
  for (const auto* layer : {"resample_nearest", "resample_linear", "resample_cubic"}) {
    for (const auto* shape :
         {"mb2ic3ih7iw5oh14ow10", "mb1ic17ih8iw8oh3ow5", "mb1ic4id2ih3iw4od4oh9ow4"}) {
      rows::expect_backends_agree(layer, shape);
    }
  }
  for (const auto* shape :
       {"mb2ic19ih5ls5", "mb2ic3ih5iw7ls3within1", "mb1ic3id4ih5iw2ls3within1"}) {
    rows::expect_backends_agree("lrn", shape);
  }
}

TEST(Images, RefuseWithTheReason) {
  rows::expect_refused("resample_nearest", "mb1ic1ih2oh4corners1", "squares alone");
  rows::expect_refused("resample_linear", "mb1ic4", "needs channels and sizes");
  rows::expect_refused("lrn", "mb1", "needs ic");
}

}  // namespace
}  // namespace flopmeter::images
