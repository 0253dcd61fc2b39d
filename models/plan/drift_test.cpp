#include "models/plan/drift.h"

#include <gmock/gmock.h>

namespace flopmeter::planner {
namespace {

using ::testing::ElementsAre;

ProfilePoint point(std::string kind, double seconds, std::int64_t threads = 1) {
  ProfilePoint made;
  made.kind = std::move(kind);
  made.dtype = "f32";
  made.threads = threads;
  made.cache_seconds = seconds;
  return made;
}

std::vector<double> seconds_of(const std::vector<const ProfilePoint*>& points) {
  std::vector<double> all;
  for (const ProfilePoint* one : points) {
    all.push_back(one->cache_seconds);
  }
  return all;
}

TEST(Drift, PointsAreOfEachClassInTurn) {
  Profile profile;
  profile.points = {point("conv", 1e-3), point("conv", 2e-3), point("conv", 3e-3),
                    point("gemm", 4e-3)};
  EXPECT_THAT(seconds_of(drift_points(profile, "f32", 1, 3)), ElementsAre(1e-3, 4e-3, 2e-3));
}

TEST(Drift, PointsOfOtherSettingsAndLengthsAreLeftOut) {
  Profile profile;
  profile.points = {point("conv", 1e-6), point("conv", 1), point("conv", 1e-3, 2),
                    point("conv", 2e-3)};
  EXPECT_THAT(seconds_of(drift_points(profile, "f32", 1, 9)), ElementsAre(2e-3));
  EXPECT_TRUE(drift_points(profile, "bf16", 1, 9).empty());
}

TEST(Drift, IsTheMedian) {
  EXPECT_EQ(drift({}), std::nullopt);
  EXPECT_EQ(drift(std::vector{1.1, 9.0, 1.0}), 1.1);
}

TEST(Drift, OfARunIsBetweenThatBeforeAndThatAfter) {
  EXPECT_DOUBLE_EQ(drift_around(1.0, 1.44).value(), 1.2);
  EXPECT_FALSE(drift_around(std::nullopt, 1.0).has_value());
}

}  // namespace
}  // namespace flopmeter::planner
