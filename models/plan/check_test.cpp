#include "models/plan/check.h"

#include <gtest/gtest.h>

namespace flopmeter::planner {
namespace {

TEST(PlanCheck, ErrorsHaveASign) {
  EXPECT_DOUBLE_EQ(signed_error(1, 2), -0.5);
  EXPECT_DOUBLE_EQ(signed_error(3, 2), 0.5);
  const std::vector<PredictedMeasured> pairs{{1, 1}, {0.9, 1}, {1.3, 1}};
  const ErrorSummary all = summary_of(pairs);
  EXPECT_EQ(all.count, 3U);
  EXPECT_NEAR(all.median, 0.1, 1e-12);
  EXPECT_NEAR(all.p95, 0.3, 1e-12);
  EXPECT_NEAR(all.worst, 0.3, 1e-12);
  EXPECT_NEAR(all.mean_signed, 0.2 / 3, 1e-12);
}

TEST(PlanCheck, RanksAndPicks) {
  const std::vector<PredictedMeasured> same{{1, 10}, {2, 20}, {3, 30}};
  EXPECT_DOUBLE_EQ(*kendall_tau(same), 1);
  EXPECT_DOUBLE_EQ(regret(same), 0);
  const std::vector<PredictedMeasured> turned{{1, 12}, {2, 10}};
  EXPECT_DOUBLE_EQ(*kendall_tau(turned), -1);
  EXPECT_NEAR(regret(turned), 0.2, 1e-12);
  EXPECT_FALSE(kendall_tau(std::vector<PredictedMeasured>{{1, 1}, {1, 2}}));
  EXPECT_FALSE(kendall_tau(std::vector<PredictedMeasured>{{1, 1}}));
}

}  // namespace
}  // namespace flopmeter::planner
