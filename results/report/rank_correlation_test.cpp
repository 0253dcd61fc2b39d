#include "results/report/rank_correlation.h"

#include <gmock/gmock.h>

#include <cmath>

namespace flopmeter::report {
namespace {

// Ranks of ties are shared: 10, 20, 20, 30 are 1, 2.5, 2.5, 4.
TEST(RankCorrelation, TiesShareTheirRank) {
  EXPECT_THAT(ranks(std::vector<double>{20, 10, 30, 20}), testing::ElementsAre(2.5, 1, 4, 2.5));
}

// By hand: ranks 1 2 3 4 5 and 2 1 4 3 5, squared differences 1 1 1 1 0, so
// rho = 1 - 6 * 4 / (5 * 24) = 0.8.
TEST(RankCorrelation, WithoutTies) {
  const std::vector<double> x{1, 2, 3, 4, 5};
  EXPECT_DOUBLE_EQ(*spearman(x, std::vector<double>{20, 10, 40, 30, 900}), 0.8);
  EXPECT_DOUBLE_EQ(*spearman(x, std::vector<double>{5, 4, 3, 2, 1}), -1);
}

// By hand: ranks 1 2.5 2.5 4 and 1 2 3 4, deviations -1.5 0 0 1.5 and -1.5 -0.5 0.5 1.5, so
// rho = 4.5 / sqrt(4.5 * 5). The formula with squared differences would give 0.95.
TEST(RankCorrelation, WithTies) {
  EXPECT_DOUBLE_EQ(*spearman(std::vector<double>{10, 20, 20, 30}, std::vector<double>{1, 2, 3, 4}),
                   4.5 / std::sqrt(4.5 * 5));
}

// Prevents NaN: of a constant and of two points there is no correlation.
TEST(RankCorrelation, IsNotDefinedForFewOrEqualValues) {
  EXPECT_EQ(spearman(std::vector<double>{1, 2}, std::vector<double>{1, 2}), std::nullopt);
  EXPECT_EQ(spearman(std::vector<double>{7, 7, 7}, std::vector<double>{1, 2, 3}), std::nullopt);
}

}  // namespace
}  // namespace flopmeter::report
