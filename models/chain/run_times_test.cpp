// Rows that sum up to the latency, of numbers made up and of a clock that is given.
#include "models/chain/run_times.h"

#include <gmock/gmock.h>

#include <numeric>

namespace flopmeter::models {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

double sum_of(const RunTimes& times) {
  return std::accumulate(times.parts.begin(), times.parts.end(), times.clock_seconds);
}

TEST(RunTimes, TakesAllRunsOfAQuietMachine) {
  const std::vector<std::vector<double>> samples{{1, 1.01, 0.99}, {3, 3, 3}};
  const RunTimes times = run_times(samples, 0.01);
  EXPECT_EQ(times.rows_of, 3U);
  EXPECT_THAT(times.parts, ElementsAre(DoubleNear(0.99, 1e-12), DoubleNear(2.99, 1e-12)));
  EXPECT_NEAR(times.clock_seconds, 0.02, 1e-12);
  EXPECT_NEAR(times.latency.mean, 4, 1e-12);
}

// Each part is interrupted in another run, so that the medians of the parts sum up to less than any run took.
TEST(RunTimes, SumsUpToTheMedianWhereEveryRunIsInterrupted) {
  std::vector<std::vector<double>> samples(4, std::vector<double>(12, 1));
  for (std::size_t run = 0; run < 12; ++run) {
    samples[run % 4][run] += 3 + static_cast<double>(run * run);
  }
  const RunTimes times = run_times(samples, 0);
  EXPECT_EQ(times.latency.median, 4 + 3 + (25 + 36) / 2.0);
  EXPECT_NEAR(sum_of(times), times.whole_seconds, 1e-9);
  EXPECT_NEAR(sum_of(times), times.latency.median, most_from_median * times.latency.median);
}

TEST(RunTimes, LeavesOutRunsThatMoveTheMeanAway) {
  const std::vector<double> wholes{1, 100, 1.001, 1.002, 0.999, 90};
  EXPECT_THAT(middle_runs(wholes), UnorderedElementsAre(2U, 3U));
  EXPECT_THAT(middle_runs(std::vector<double>{5}), ElementsAre(0U));
  EXPECT_THAT(middle_runs(std::vector<double>{5, 7}), SizeIs(2));
}

// Runs of a block are alike and blocks are not: ranks alone would say 1 %.
TEST(RunTimes, TheIntervalHoldsWhatBlocksDifferBy) {
  std::vector<double> seconds;
  for (const double block : {3.8, 4.6, 3.9, 4.4}) {
    for (int i = 0; i < 50; ++i) {
      seconds.push_back(block + 0.0001 * i);
    }
  }
  const std::vector<std::size_t> ends{50, 100, 150, 200};
  const Latency latency = latency_of_blocks(seconds, ends);
  EXPECT_EQ(latency.blocks, 4U);
  EXPECT_LT(latency.low, 3.8);
  EXPECT_GT(latency.high, 4.6);
  // Of 3.80245, 4.60245, 3.90245, 4.40245: s = 0.38622, t = 3.182, sqrt(1 + 1/4).
  EXPECT_NEAR(latency.high - latency.median, 3.182 * 0.386221 * 1.118034, 1e-5);
}

// Of two blocks that differ by half the interval is wide: a difference of median and width would be below 0.
TEST(RunTimes, NoIntervalBeginsAtNothing) {
  const std::vector<std::size_t> ends{3, 6};
  const Latency latency = latency_of_blocks(std::vector<double>{1, 1, 1, 1.5, 1.5, 1.5}, ends);
  EXPECT_EQ(latency.median, 1.25);
  // 12.706 * sqrt(0.125 * 1.5)
  EXPECT_NEAR(latency.high, 1.25 + 5.50186, 1e-4);
  EXPECT_NEAR(latency.low, 1.25 * 1.25 / 6.75186, 1e-4);
}

TEST(RunTimes, BlocksThatAreAlikeLeaveTheRanks) {
  std::vector<double> seconds(80, 1.0);
  seconds[7] = 1.5;
  const Latency latency = latency_of_blocks(seconds, even_blocks(seconds.size()));
  EXPECT_EQ(latency.blocks, most_blocks);
  EXPECT_EQ(latency.low, 1);
  EXPECT_EQ(latency.high, 1);
  EXPECT_THAT(even_blocks(3), ElementsAre(1, 2, 3));
  EXPECT_EQ(latency_of_blocks(std::vector<double>{2}, even_blocks(1)).high, 2);
}

// A clock that takes longer than a part takes no more than all of it.
TEST(RunTimes, GivesTheClockNoMoreThanThereIs) {
  const std::vector<std::vector<double>> samples{{0.5}, {2}};
  const RunTimes times = run_times(samples, 1);
  EXPECT_THAT(times.parts, ElementsAre(0, 1));
  EXPECT_EQ(sum_of(times), times.whole_seconds);
}

}  // namespace
}  // namespace flopmeter::models
