#include "kernels/broadcast/broadcast.h"

#include "kernels/families/table/row_testing.h"

namespace flopmeter::broadcast {
namespace {

using rows::outputs;
using testing::ElementsAre;

// a = (1 2; 3 4), b = (10 20): each row gets b. dc = (1 2; 3 4): da = dc, db = (1 + 3, 2 + 4).
TEST(Broadcast, RepeatsAndSumsBack) {
  EXPECT_THAT(
      outputs("add", "2x2:1x2", Pass::forward, {{"src0", {1, 2, 3, 4}}, {"src1", {10, 20}}}),
      ElementsAre(11, 22, 13, 24));
  EXPECT_THAT(outputs("add", "2x2:1x2", Pass::backward_data, {{"diff_dst", {1, 2, 3, 4}}}),
              ElementsAre(1, 2, 3, 4, 4, 6));
  EXPECT_THAT(outputs("sub", "2x2:1x2", Pass::backward_data, {{"diff_dst", {1, 2, 3, 4}}}),
              ElementsAre(1, 2, 3, 4, -4, -6));
}

// b = (10; 20): rows 1 and 2 get 10 and 20. da = dc b, db = (1 x 1 + 2 x 2, 3 x 3 + 4 x 4).
TEST(Broadcast, ProductsSumBack) {
  EXPECT_THAT(
      outputs("mul", "2x2:2x1", Pass::forward, {{"src0", {1, 2, 3, 4}}, {"src1", {10, 20}}}),
      ElementsAre(10, 20, 60, 80));
  EXPECT_THAT(outputs("mul", "2x2:2x1", Pass::backward_data,
                      {{"src0", {1, 2, 3, 4}}, {"src1", {10, 20}}, {"diff_dst", {1, 2, 3, 4}}}),
              ElementsAre(10, 20, 60, 80, 5, 25));
}

TEST(Broadcast, FunctionsOfTwoNumbers) {
  const auto of = [](std::string_view function, double a, double b) {
    return outputs(function, "1:1", Pass::forward, {{"src0", {a}}, {"src1", {b}}})[0];
  };
  EXPECT_EQ(of("div", 3, 4), 0.75);
  EXPECT_NEAR(of("pow", 2, 3), 8, 1e-12);
  EXPECT_EQ(of("squared_difference", 3, 5), 4);
  EXPECT_EQ(of("max", 3, 5), 5);
  EXPECT_EQ(of("min", 3, 5), 3);
  EXPECT_EQ(of("equal", 3, 3), 1);
  EXPECT_EQ(of("not_equal", 3, 3), 0);
  EXPECT_EQ(of("less", 3, 5), 1);
  EXPECT_EQ(of("less_equal", 5, 5), 1);
  EXPECT_EQ(of("greater", 3, 5), 0);
  EXPECT_EQ(of("greater_equal", 3, 5), 0);
  EXPECT_EQ(of("prelu", -4, 0.25), -1);
}

// (8 - 3) x 2 = 10.
TEST(Broadcast, FunctionsOfThreeNumbers) {
  EXPECT_THAT(outputs("dequantize", "2:1:1", Pass::forward,
                      {{"src0", {8, 0}}, {"src1", {2}}, {"src2", {3}}}),
              ElementsAre(10, -6));
  EXPECT_THAT(
      outputs("where", "2:2:1", Pass::forward, {{"src0", {1, 0}}, {"src1", {5, 6}}, {"src2", {7}}}),
      ElementsAre(5, 7));
  EXPECT_THAT(outputs("where", "2:2:1", Pass::backward_data,
                      {{"src0", {1, 0}}, {"src1", {5, 6}}, {"src2", {7}}, {"diff_dst", {3, 4}}}),
              ElementsAre(3, 0, 4));
  EXPECT_THAT(outputs("clamp", "3:1:1", Pass::forward,
                      {{"src0", {-5, 0.5, 5}}, {"src1", {-1}}, {"src2", {1}}}),
              ElementsAre(-1, 0.5, 1));
}

// 2 x 3 x 4 results. db has 2 x 4 elements that are sums of 3: 2 adds each; da is dc, or one product
// an element.
TEST(Broadcast, CountsByHand) {
  EXPECT_EQ(rows::counts("add", "2x3x4:2x1x4", Pass::forward), (OpCounts{.adds = 24}));
  EXPECT_EQ(rows::counts("add", "2x3x4:2x1x4", Pass::backward_data), (OpCounts{.adds = 16}));
  EXPECT_EQ(rows::counts("mul", "2x3x4:2x1x4", Pass::forward), (OpCounts{.multiplies = 24}));
  EXPECT_EQ(rows::counts("mul", "2x3x4:2x1x4", Pass::backward_data),
            (OpCounts{.macs = 24, .multiplies = 24 + 24, .adds = 16}));
  EXPECT_EQ(rows::counts("dequantize", "6:1:1", Pass::forward),
            (OpCounts{.multiplies = 6, .adds = 6, .conversions = 6}));
  const Problem prelu = rows::problem_of("prelu", "1x64x7x7:1x64x1x1");
  EXPECT_EQ(prelu.formula(Pass::forward).parameters, 64);
}

// Every row's formula is what its definition does, in each pass, at five dimensions that alternate.
TEST(Broadcast, CountsOfEveryRow) {
  for (const Row& row : broadcast::rows()) {
    const AnyLayer& layer = find_layer(row.name);
    const std::string shape = row.sources == 2 ? "3x1x5x1x2:1x4x1x6x2" : "3x1x5x1x2:1x4x1x6x2:6x1";
    for (const Pass pass : layer.passes) {
      rows::counts(row.name, shape, pass);
    }
  }
}

TEST(BroadcastShape, ParsesAndPrintsAnyRank) {
  const AnyLayer& add = find_layer("add");
  const auto reads_back = [&](std::string_view text) { return add.print(add.parse(text)); };
  EXPECT_EQ(reads_back("128x768:768"), "128x768:1x768");
  EXPECT_EQ(reads_back("1x1x128x768:768"), "128x768:1x768");
  for (const std::string_view text :
       {"2x3x4:2x1x4", "64x56x56:64x1x1", "1:1", "5:1", "1x5:3x1", "4x1x1x1:1x1x1x4",
        "2x3x4x5x6:2x1x4x1x6", "2x3x2x3x2x3x2x3:1x3x1x3x1x3x1x3"}) {
    EXPECT_EQ(reads_back(text), text);
  }
  // Nine dimensions of which two neighbours are alike.
  EXPECT_EQ(reads_back("2x3x2x3x2x3x2x3x5:1x3x1x3x1x3x1x3x5"), "2x3x2x3x2x3x2x15:1x3x1x3x1x3x1x15");
}

TEST(BroadcastShape, RefusesWithTheReason) {
  rows::expect_refused("add", "3x4", "add shape '3x4' has 1 of its lists: write both tensors");
  rows::expect_refused("where", "3x4:3x4", "write three tensors");
  rows::expect_refused("add", "3x4:3x5", "dimensions 4 and 5");
  rows::expect_refused("add", "3xa:3x4", "'a' is no dimension");
  rows::expect_refused("add", "3x:3x4", "'' is no dimension");
  rows::expect_refused("add", "0x4:1x4", "is 0");
  rows::expect_refused("add", "2x3x2x3x2x3x2x3x2:1x3x1x3x1x3x1x3x1", "has 9 dimensions, at most 8");
  rows::expect_refused("add", "3x99999999999999999999:1", "beyond 2^63 - 1");
}

// Prevents two dimensions from becoming one where only one of them is repeated.
TEST(BroadcastMerged, KeepsRepetitionsApart) {
  const auto merge = [](std::vector<Dims> sources) {
    return dims::print(merged(Shape{std::move(sources)}).sources);
  };
  EXPECT_EQ(merge({{2, 3, 4, 5}, {2, 3, 4, 5}}), "120:120");
  EXPECT_EQ(merge({{2, 64, 56, 56}, {1, 64, 1, 1}}), "2x64x3136:1x64x1");
  EXPECT_EQ(merge({{2, 3, 4}, {1, 1, 4}}), "6x4:1x4");
  EXPECT_EQ(merge({{2, 1, 4}, {2, 3, 4}}), "2x1x4:2x3x4");
  EXPECT_EQ(merge({{5, 1}, {1, 5}}), "5x1:1x5");
  EXPECT_EQ(merge({{2, 1, 1, 4}, {2, 1, 1, 4}}), "8:8");
  EXPECT_EQ(merge({{2, 3, 4}, {2, 3, 4}, {1, 3, 4}}), "2x12:2x12:1x12");
}

// Threads share the rows, or the one row.
TEST(Broadcast, BackendsAgree) {
  for (const Row& row : broadcast::rows()) {
    if (row.sources == 3) {
      rows::expect_backends_agree(row.name, "3x1x5x1:1x4x1x6:6");
      continue;
    }
    for (const auto* text : {"5x67:5x67", "5x67:1x67", "1x67:5x67", "5x67:5x1", "5x1:1x67",
                             "3x1x5x1:1x4x1x6", "2x3x4x5:1x3x1x1", "2x3x4x5x6:2x1x4x1x6"}) {
      rows::expect_backends_agree(row.name, text);
    }
  }
}

}  // namespace
}  // namespace flopmeter::broadcast
