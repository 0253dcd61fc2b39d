#include "statistics/statistics.h"

#include <gtest/gtest.h>

#include <vector>

namespace flopmeter {
namespace {

TEST(Statistics, MedianOfOddAndEvenNumbersOfValues) {
  EXPECT_DOUBLE_EQ(median(std::vector<double>{3}), 3);
  EXPECT_DOUBLE_EQ(median(std::vector<double>{5, 1, 3}), 3);
  EXPECT_DOUBLE_EQ(median(std::vector<double>{4, 1, 3, 2}), 2.5);
}

// Prevents one interrupted sample from moving the number that is printed.
TEST(Statistics, MedianIgnoresAnOutlier) {
  EXPECT_DOUBLE_EQ(median(std::vector<double>{1, 1, 1000, 1, 1}), 1);
}

TEST(Statistics, SpreadIsRelativeToTheMedian) {
  EXPECT_DOUBLE_EQ(spread(std::vector<double>{2}), 0);
  EXPECT_DOUBLE_EQ(spread(std::vector<double>{9, 10, 12}), 0.3);
}

TEST(Statistics, MedianDeviationIsWhereHalfTheValuesLie) {
  EXPECT_DOUBLE_EQ(median_deviation(std::vector<double>{2}), 0);
  EXPECT_DOUBLE_EQ(median_deviation(std::vector<double>{9, 10, 12}), 0.1);
  EXPECT_DOUBLE_EQ(median_deviation(std::vector<double>{10, 10, 10, 10, 99}), 0);
}

TEST(Percentile, IsTheNearestRank) {
  const std::vector<double> values{10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
  EXPECT_EQ(percentile(values, 0.9), 9);
  EXPECT_EQ(percentile(values, 0.91), 10);
  EXPECT_EQ(percentile(values, 1), 10);
  EXPECT_EQ(percentile(values, 0.01), 1);
  EXPECT_EQ(percentile(std::vector<double>{7}, 0.9), 7);
}

}  // namespace
}  // namespace flopmeter
