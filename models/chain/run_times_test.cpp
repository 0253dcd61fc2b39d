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

// A clock that takes longer than a part takes no more than all of it.
TEST(RunTimes, GivesTheClockNoMoreThanThereIs) {
  const std::vector<std::vector<double>> samples{{0.5}, {2}};
  const RunTimes times = run_times(samples, 1);
  EXPECT_THAT(times.parts, ElementsAre(0, 1));
  EXPECT_EQ(sum_of(times), times.whole_seconds);
}

}  // namespace
}  // namespace flopmeter::models
