#include "kernels/reduction/reduction.h"

#include "kernels/families/table/row_testing.h"

namespace flopmeter::reduction {
namespace {

using rows::outputs;
using testing::DoubleNear;
using testing::ElementsAre;

/// Of (1 2; 3 4).
std::vector<double> of(std::string_view function, std::string_view shape) {
  return outputs(function, shape, Pass::forward, {{"src", {1, 2, 3, 4}}});
}

TEST(Reduction, AlongEachAxisAndBoth) {
  EXPECT_THAT(of("reduce_sum", "2x2:1x2"), ElementsAre(4, 6));
  EXPECT_THAT(of("reduce_sum", "2x2:2x1"), ElementsAre(3, 7));
  EXPECT_THAT(of("reduce_sum", "2x2:1x1"), ElementsAre(10));
  EXPECT_THAT(of("reduce_sum", "2x2:2x2"), ElementsAre(1, 2, 3, 4));
}

TEST(Reduction, Functions) {
  EXPECT_THAT(of("reduce_mean", "4:1"), ElementsAre(2.5));
  EXPECT_THAT(of("reduce_max", "2x2:2x1"), ElementsAre(2, 4));
  EXPECT_THAT(of("reduce_min", "2x2:2x1"), ElementsAre(1, 3));
  EXPECT_THAT(of("reduce_l1", "4:1"), ElementsAre(10));
  EXPECT_THAT(of("reduce_sum_square", "4:1"), ElementsAre(30));
  EXPECT_THAT(of("reduce_l2", "4:1"), ElementsAre(DoubleNear(5.477225575, 1e-9)));
  EXPECT_THAT(of("reduce_log_sum", "4:1"), ElementsAre(DoubleNear(2.302585093, 1e-9)));
  EXPECT_THAT(of("reduce_logsumexp", "4:1"), ElementsAre(DoubleNear(4.440189699, 1e-9)));
  EXPECT_THAT(outputs("argmax", "2x3:2x1", Pass::forward, {{"src", {1, 5, 5, 3, 2, 1}}}),
              ElementsAre(1, 0));
  EXPECT_THAT(outputs("argmin", "2x3:2x1", Pass::forward, {{"src", {1, 5, 5, 3, 2, 1}}}),
              ElementsAre(0, 2));
}

TEST(Reduction, Gradients) {
  EXPECT_THAT(outputs("reduce_sum", "2x2:1x2", Pass::backward_data, {{"diff_dst", {5, 6}}}),
              ElementsAre(5, 6, 5, 6));
  EXPECT_THAT(outputs("reduce_mean", "4:1", Pass::backward_data, {{"diff_dst", {8}}}),
              ElementsAre(2, 2, 2, 2));
  EXPECT_THAT(outputs("reduce_max", "4:1", Pass::backward_data,
                      {{"src", {1, 2, 3, 4}}, {"dst", {4}}, {"diff_dst", {8}}}),
              ElementsAre(0, 0, 0, 8));
}

// 2 x 4 results of 3 terms.
TEST(Reduction, CountsByHand) {
  const auto forward = [](std::string_view function) {
    return rows::counts(function, "2x3x4:2x1x4", Pass::forward);
  };
  EXPECT_EQ(forward("reduce_sum"), (OpCounts{.adds = 16}));
  EXPECT_EQ(forward("reduce_mean"), (OpCounts{.adds = 16, .divides = 8}));
  EXPECT_EQ(forward("reduce_max"), (OpCounts{.comparisons = 16}));
  EXPECT_EQ(forward("argmax"), (OpCounts{.comparisons = 16}));
  EXPECT_EQ(forward("reduce_l2"), (OpCounts{.multiplies = 24, .adds = 16, .square_roots = 8}));
  EXPECT_EQ(forward("reduce_logsumexp"),
            (OpCounts{.adds = 48, .exponentials = 24, .logarithms = 8, .comparisons = 16}));
}

TEST(Reduction, CountsAndBackendsOfEveryRow) {
  for (const Row& row : reduction::rows()) {
    for (const auto* shape : {"2x3x4x5x6:2x1x4x1x6", "3x67:1x1", "5x67:5x1", "5x4x7:5x1x7"}) {
      for (const Pass pass : find_layer(row.name).passes) {
        rows::counts(row.name, shape, pass);
      }
      rows::expect_backends_agree(row.name, shape);
    }
  }
}

TEST(ReductionShape, ParsesPrintsAndRefuses) {
  const AnyLayer& sum = find_layer("reduce_sum");
  for (const std::string_view text : {"2x3x4:2x1x4", "1:1", "5:1", "2x3x4x5x6x7:1x3x1x5x1x7"}) {
    EXPECT_EQ(sum.print(sum.parse(text)), text);
  }
  EXPECT_EQ(sum.print(sum.parse("1x1x5x3:1x1x1x3")), "5x3:1x3");
  rows::expect_refused("reduce_sum", "2x3:2", "the same rank");
  rows::expect_refused("reduce_sum", "2x3:2x2", "must be 3 or 1");
  rows::expect_refused("reduce_sum", "2x3", "has 1 of its lists");
  rows::expect_refused("reduce_sum", "2x0:2x0", "is 0");
}

}  // namespace
}  // namespace flopmeter::reduction
