#include "kernels/scans/scans.h"

#include "kernels/families/table/row_testing.h"

namespace flopmeter::scans {
namespace {

using rows::outputs;
using testing::ElementsAre;

TEST(CumSum, InBothDirections) {
  const auto of = [](std::string_view shape) {
    return outputs("cumsum", shape, Pass::forward, {{"src", {1, 2, 4}}});
  };
  EXPECT_THAT(of("n3"), ElementsAre(1, 3, 7));
  EXPECT_THAT(of("n3reverse1"), ElementsAre(7, 6, 4));
  EXPECT_THAT(of("n3exclusive1"), ElementsAre(0, 1, 3));
  EXPECT_THAT(of("n3exclusive1reverse1"), ElementsAre(6, 4, 0));
  EXPECT_THAT(outputs("cumsum", "n3", Pass::backward_data, {{"diff_dst", {1, 2, 4}}}),
              ElementsAre(7, 6, 4));
  EXPECT_EQ(rows::counts("cumsum", "mb2n5dim3", Pass::forward), (OpCounts{.adds = 24}));
}

// Taps 1 and 10: y0 = 10 x0, y1 = x0 + 10 x1. With x0 from a cache: y = x0 + 10 x1.
TEST(CausalConv1d, SeesNothingBehind) {
  EXPECT_THAT(outputs("causal_conv1d", "mb1c1l2k2bias0", Pass::forward,
                      {{"src", {3, 4}}, {"weights", {1, 10}}}),
              ElementsAre(30, 43));
  EXPECT_THAT(outputs("causal_conv1d", "mb1c1l1k2past1", Pass::forward,
                      {{"src", {3, 4}}, {"weights", {1, 10}}, {"bias", {5}}}),
              ElementsAre(48));
}

// 3 outputs of 4 taps: 1 + 2 + 3 in bounds, 12 dense.
TEST(CausalConv1d, CountsTapsInBounds) {
  EXPECT_EQ(rows::counts("causal_conv1d", "mb1c1l3k4", Pass::forward).macs, 6);
  const Problem problem = rows::problem_of("causal_conv1d", "mb1c1l3k4");
  EXPECT_EQ(problem.formula(Pass::forward).dense.macs, 12);
  EXPECT_EQ(problem.formula(Pass::forward).parameters, 5);
}

// By 90 degrees: (1, 2) becomes (-2, 1); the third feature stays.
TEST(Rotary, RotatesPairs) {
  EXPECT_THAT(outputs("rotary", "l1h1d3rot2", Pass::forward,
                      {{"src", {1, 2, 5}}, {"cos", {0}}, {"sin", {1}}}),
              ElementsAre(-2, 1, 5));
  EXPECT_THAT(outputs("rotary", "l1h1d3rot2", Pass::backward_data,
                      {{"diff_dst", {-2, 1, 5}}, {"cos", {0}}, {"sin", {1}}}),
              ElementsAre(1, 2, 5));
  EXPECT_EQ(rows::counts("rotary", "mb1l2h3d8", Pass::forward),
            (OpCounts{.multiplies = 96, .adds = 48}));
}

TEST(Scans, RefuseWithTheReason) {
  rows::expect_refused("causal_conv1d", "mb1c1l3k4past4", "must be below k = 4");
  rows::expect_refused("rotary", "l1h1d4rot3", "must be even and at most d = 4");
  rows::expect_refused("cumsum", "mb3", "needs n");
}

}  // namespace
}  // namespace flopmeter::scans
