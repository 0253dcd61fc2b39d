#include "validate/ledger/fuzz.h"

#include <gtest/gtest.h>

#include <set>

namespace flopmeter {
namespace {

TEST(DrawProblem, IsLegalVariedAndRepeatable) {
  for (const AnyLayer& layer : layers()) {
    std::mt19937_64 random(1);
    std::mt19937_64 again(1);
    std::set<Values> distinct;
    for (int i = 0; i < 200; ++i) {
      const Problem problem = draw_problem(layer, random);
      EXPECT_EQ(layer.complete(problem.values), problem.values);
      EXPECT_EQ(draw_problem(layer, again).values, problem.values);
      distinct.insert(problem.values);
    }
    EXPECT_GT(distinct.size(), 140U) << layer.name;
  }
}

// Without them the depthwise and square paths would go unproved.
TEST(DrawProblem, MeetsTheSpecialCases) {
  const AnyLayer& conv = find_layer("conv2d");
  std::mt19937_64 random(1);
  int depthwise = 0;
  int padded = 0;
  for (int i = 0; i < 1000; ++i) {
    const Problem problem = draw_problem(conv, random);
    depthwise += problem.values[0] > 1 && problem.values[0] == problem.values[2] &&
                         problem.values[0] == problem.values[5]
                     ? 1
                     : 0;
    padded += conv.padded_out(problem.values) != problem.values ? 1 : 0;
  }
  EXPECT_GT(depthwise, 10);
  EXPECT_GT(padded, 200);
}

TEST(Shrink, FindsTheSmallestFailingShape) {
  const AnyLayer& layer = find_layer("linear");
  const auto fails = [](const Problem& problem) {
    return problem.values[1] >= 7 && problem.values[5] >= 3;  // ic and oc
  };
  const Problem small = shrink(parse_problem(layer, "mb5ic40oc38"), fails);
  EXPECT_EQ(small.shape(), "mb1ic7oc3bias0");
}

}  // namespace
}  // namespace flopmeter
