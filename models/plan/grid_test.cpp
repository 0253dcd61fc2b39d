#include "models/plan/grid.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/plan/grid_builder.h"

namespace flopmeter::planner {
namespace {

const std::vector<ProfileCell> square{{{1, 1}, {16, 16}}};
const Efficiencies square_corners{{{1, 1}, 0.1}, {{1, 16}, 0.1}, {{16, 1}, 0.4}, {{16, 16}, 0.4}};

TEST(Grid, InterpolatesTheLogarithmOfEfficiency) {
  const Reading reading = interpolate(square, square_corners, {4, 3});
  EXPECT_NEAR(reading.efficiency, 0.2, 1e-12);  // half-way in octaves: the geometric mean
  EXPECT_EQ(reading.octaves_outside, 0);
  EXPECT_EQ(reading.from.size(), 4U);
}

TEST(Grid, SaysHowFarOutsideAPlaceIs) {
  const Reading reading = interpolate(square, square_corners, {64, 32});
  EXPECT_NEAR(reading.efficiency, 0.4, 1e-12);
  EXPECT_NEAR(reading.octaves_outside, 3, 1e-12);
}

TEST(Grid, LeavesOutACornerWithoutAnEfficiency) {
  EXPECT_NEAR(interpolate(square, {{{1, 1}, 0.1}}, {4, 4}).efficiency, 0.1, 1e-12);
  EXPECT_EQ(interpolate(square, {}, {4, 4}).efficiency, 0);
  EXPECT_EQ(interpolate({}, {}, {4, 4}).efficiency, 0);
}

TEST(Grid, TakesTheFixedCostFromTheTimeOfAPoint) {
  ProfilePoint point;
  point.work = 80;
  point.roof = 100;
  point.seconds = 3;
  EXPECT_DOUBLE_EQ(efficiency_of(point, 1), 0.4);
  EXPECT_DOUBLE_EQ(efficiency_of(point, 5), 80 / 100.0 / 0.3);  // a tenth of the time is left
}

/// Efficiency with a step that no line goes through.
std::optional<double> stepped(const Place& at) { return at[0] < 100 ? 0.1 : 0.5; }

TEST(GridBuilder, DividesWhereInterpolationMisses) {
  std::size_t asked = 0;
  GridBuilder builder({{"n", 1, 1024}, {"m", 1, 8}}, [&](const Place& at) {
    ++asked;
    return stepped(at);
  });
  builder.begin();
  EXPECT_EQ(asked, 5U);  // four corners, the middle
  EXPECT_GT(builder.worst(), most_missed);
  for (int i = 0; i < 100 && builder.worst() > 0; ++i) {
    builder.divide();
  }
  EXPECT_EQ(builder.worst(), 0);
  // All cells together still hold every place, and only the axis that matters was divided.
  for (const ProfileCell& cell : builder.cells()) {
    EXPECT_EQ(cell.high[1] - cell.low[1], 7);
  }
}

TEST(GridBuilder, LeavesAGridAloneThatIsALine) {
  GridBuilder builder({{"n", 1, 1024}}, [](const Place& at) {
    return std::optional(0.01 * std::sqrt(static_cast<double>(at[0])));
  });
  builder.begin();
  EXPECT_EQ(builder.worst(), 0);
  EXPECT_EQ(builder.cells().size(), 1U);
}

}  // namespace
}  // namespace flopmeter::planner
