#include "models/plan/surface.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace flopmeter::planner {
namespace {

struct Points {
  std::vector<Coordinates> at;
  std::vector<double> values;
};

double wave(double x, double y) { return std::sin(x) + 0.1 * y; }

Points points_of_wave() {
  Points points;
  for (int i = 0; i < 60; ++i) {
    const double x = 0.7 * (i % 9);
    const double y = 1.3 * (i / 9);
    points.at.push_back({x, y});
    points.values.push_back(wave(x, y));
  }
  return points;
}

TEST(Surface, GoesThroughItsPointsAndBetweenThem) {
  const Points points = points_of_wave();
  const Surface surface(points.at, points.values, {{3, 3}, 1, 1e-6});
  EXPECT_NEAR(surface(points.at[10]).mean, points.values[10], 1e-3);
  EXPECT_NEAR(surface({1.0, 2.0}).mean, wave(1.0, 2.0), 0.03);
  EXPECT_LT(surface({1.0, 2.0}).deviation, surface({30.0, 2.0}).deviation);
}

// The formula of the inverse against leaving each out.
TEST(Surface, SaysWhatAPointIsOffByWhenTheOthersAloneAreKnown) {
  Points points = points_of_wave();
  points.values[17] += 0.5;
  const SurfaceShape shape{{2, 4}, 1, 0.01};
  const std::vector<double> off = Surface(points.at, points.values, shape).left_out();
  const double all_but_17 = [&] {
    Points others = points;
    others.at.erase(others.at.begin() + 17);
    others.values.erase(others.values.begin() + 17);
    return Surface(others.at, others.values, shape)(points.at[17]).mean;
  }();
  // Not the same to the last digit: the mean of the others is another.
  EXPECT_NEAR(off[17], points.values[17] - all_but_17, 0.01);
  EXPECT_GT(off[17], 0.35);
  // By how sure the others are, which is the deviation of a new point there.
  const double deviation = [&] {
    Points others = points;
    others.at.erase(others.at.begin() + 17);
    others.values.erase(others.values.begin() + 17);
    return Surface(others.at, others.values, shape)(points.at[17]).deviation;
  }();
  EXPECT_NEAR(Surface(points.at, points.values, shape).left_out_in_deviations()[17],
              off[17] / deviation, 1e-6);
}

TEST(Surface, FindsOverWhichDistanceAFunctionChanges) {
  const Points points = points_of_wave();
  const SurfaceShape shape = fitted_shape(points.at, points.values);
  EXPECT_GT(shape.lengths[1], 2 * shape.lengths[0]);  // sin changes, a line hardly does
  EXPECT_GE(Surface(points.at, points.values, shape).likelihood(),
            Surface(points.at, points.values, {{3, 3}, 0.5, 0.003}).likelihood());
}

// Of twelve points that are off at random a likelihood alone finds axes that change within half an octave, and takes the
// points' errors for what lies between them.
TEST(Surface, DoesNotTakeNoiseForAFunction) {
  std::vector<Coordinates> at;
  std::vector<double> values;
  std::uint64_t state = 7;
  const auto next = [&] {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<double>(state >> 11U) * 0x1p-53;
  };
  for (int i = 0; i < 12; ++i) {
    at.push_back({8 * next(), 8 * next(), 8 * next(), 8 * next(), 8 * next()});
    values.push_back(0.3 * (next() - 0.5));
  }
  const SurfaceShape shape = fitted_shape(at, values);
  for (const double length : shape.lengths) {
    EXPECT_GT(length, 0.8);
    EXPECT_LT(length, 12);
  }
}

TEST(Surface, NamesTheNearestPoints) {
  const std::vector<Coordinates> at{{0, 0}, {1, 0}, {0, 5}};
  const std::vector<double> values{1, 2, 3};
  const Surface surface(at, values, {{1, 10}, 1, 0.01});
  EXPECT_EQ(surface.nearest({0.1, 4.0}, 2), (std::vector<std::size_t>{2, 0}));
}

}  // namespace
}  // namespace flopmeter::planner
