#include "kernels/moves/moves.h"

#include <numeric>

#include "kernels/families/table/row_testing.h"

namespace flopmeter::moves {
namespace {

using testing::ElementsAre;

/// Of 1, 2, 3, ...
std::vector<double> of(std::string_view move, std::string_view shape) {
  const Problem problem = rows::problem_of(move, shape);
  std::vector<double> x(
      static_cast<std::size_t>(elements(problem.operands(Pass::forward).front())));
  std::iota(x.begin(), x.end(), 1);
  return rows::outputs(move, shape, Pass::forward, {{"src", x}});
}

TEST(Moves, PutElementsWhereTheyBelong) {
  EXPECT_THAT(of("transpose", "2x3:1x0"), ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(of("reshape", "2x3:3x2"), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(of("slice", "2x4:2x2:0x1:1x2"), ElementsAre(2, 4, 6, 8));
  EXPECT_THAT(of("slice", "4:2"), ElementsAre(1, 2));
  EXPECT_THAT(of("pad", "1x2:1x0:0x1"), ElementsAre(0, 0, 0, 1, 2, 0));
  EXPECT_THAT(of("expand", "2x1:2x3"), ElementsAre(1, 1, 1, 2, 2, 2));
  EXPECT_THAT(of("tile", "2:3"), ElementsAre(1, 2, 1, 2, 1, 2));
  EXPECT_THAT(of("flip", "2x3:0x1"), ElementsAre(3, 2, 1, 6, 5, 4));
  EXPECT_THAT(of("split", "2x4:1x2"), ElementsAre(1, 2, 5, 6, 3, 4, 7, 8));
}

// 4 or 8 channels of one pixel become 2 x 2 pixels. Of two channels, (i * 2 + j) * 2 + c or
// c * 4 + i * 2 + j.
TEST(Moves, BlocksOfPixels) {
  EXPECT_THAT(of("pixel_shuffle", "1x4x1x2:2"), ElementsAre(1, 3, 2, 4, 5, 7, 6, 8));
  EXPECT_THAT(of("pixel_shuffle", "1x8x1x1:2"), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_THAT(of("depth_to_space", "1x8x1x1:2"), ElementsAre(1, 3, 5, 7, 2, 4, 6, 8));
  EXPECT_THAT(of("pixel_unshuffle", "1x1x2x4:2"), ElementsAre(1, 3, 2, 4, 5, 7, 6, 8));
  EXPECT_THAT(of("space_to_depth", "1x2x2x2:2"), ElementsAre(1, 5, 2, 6, 3, 7, 4, 8));
}

TEST(Moves, GradientsGoBackAndSumUp) {
  EXPECT_THAT(rows::outputs("slice", "4:2:1:2", Pass::backward_data, {{"diff_dst", {5, 6}}}),
              ElementsAre(0, 5, 0, 6));
  EXPECT_THAT(rows::outputs("expand", "2x1:2x2", Pass::backward_data, {{"diff_dst", {1, 2, 3, 4}}}),
              ElementsAre(3, 7));
  EXPECT_THAT(rows::outputs("pad", "2:1:1", Pass::backward_data, {{"diff_dst", {1, 2, 3, 4}}}),
              ElementsAre(2, 3));
}

// No arithmetic but the sums of gradients; a slice reads what it keeps.
TEST(Moves, CountTrafficAlone) {
  EXPECT_EQ(rows::counts("transpose", "2x3x4:2x0x1", Pass::forward), OpCounts{});
  EXPECT_EQ(rows::counts("tile", "2x3:4x1", Pass::forward), OpCounts{});
  EXPECT_EQ(rows::counts("tile", "2x3:4x1", Pass::backward_data), (OpCounts{.adds = 18}));
  const auto moved = [](std::string_view move, std::string_view shape) {
    return compulsory_elements(rows::problem_of(move, shape).operands(Pass::forward));
  };
  EXPECT_EQ(moved("slice", "8x100:8x10"), 160);
  EXPECT_EQ(moved("expand", "8x1:8x10"), 88);
  EXPECT_EQ(moved("pad", "8x8:1x1"), 164);
}

TEST(Moves, BackendsOfEveryRow) {
  for (const Row& row : moves::rows()) {
    for (const Problem& problem : default_problems(find_layer(row.name))) {
      if (compulsory_elements(problem.operands(Pass::forward)) < 100000) {
        rows::expect_backends_agree(row.name, problem.shape());
      }
    }
  }
}

TEST(MovesShape, RefusesWithTheReason) {
  rows::expect_refused("transpose", "2x3:0x0", "is no order of the axes 0 to 1");
  rows::expect_refused("transpose", "2x3:0", "one of the axes for each dimension");
  rows::expect_refused("reshape", "2x3:7", "has 6 elements and 7 has 7");
  rows::expect_refused("slice", "4:3:2", "do not lie in a dimension of 4");
  rows::expect_refused("expand", "2x3:2x6", "a dimension of 3 cannot become one of 6");
  rows::expect_refused("split", "8x96:1x5", "has no 5 equal parts");
  rows::expect_refused("pixel_shuffle", "1x6x2x2:2", "no multiple of blocks of 2 x 2");
  rows::expect_refused("space_to_depth", "1x6x3x2:2", "3 x 2 pixels are no multiple");
  rows::expect_refused("flip", "2x3:0x2", "must be 0 or 1");
  rows::expect_refused("pad", "2x0:1x1", "must be at least 1");
}

}  // namespace
}  // namespace flopmeter::moves
