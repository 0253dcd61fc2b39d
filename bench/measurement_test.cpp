#include "bench/measurement.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

using testing::HasSubstr;

constexpr double operations = 1e6;
constexpr double bytes = 1e4;

/// Samples of kernels that reach these shares of these ceilings.
std::vector<Sample> samples(const std::vector<double>& ceilings, double share = 0.9) {
  std::vector<Sample> all;
  for (const double ceiling : ceilings) {
    all.push_back({10, operations / (share * ceiling), ceiling});
  }
  return all;
}

TEST(PercentOfPeak, HoldsEachSampleAgainstItsOwnCeiling) {
  // The clock halves in the middle of the case: the percentage must not notice.
  EXPECT_NEAR(percent_of_peak(samples({1e11, 1e11, 5e10, 5e10, 5e10}), operations), 90, 1e-9);
}

TEST(PercentOfPeak, MedianIgnoresAnInterruptedSample) {
  std::vector<Sample> all = samples({1e11, 1e11, 1e11});
  all[1].seconds *= 100;
  EXPECT_NEAR(percent_of_peak(all, operations), 90, 1e-9);
}

TEST(Judge, OkWhileHalfOfThePeaksLieNear) {
  EXPECT_EQ(judge(samples({1e11, 1.2e11, 1.02e11}), operations, 0).status, "ok");
  EXPECT_EQ(judge(samples({1e11, 1.2e11, 1.02e11}), operations, 0).reason, "");
}

TEST(Judge, NoisySaysByHowMuchThePeakMoved) {
  const Verdict verdict = judge(samples({1e11, 1.1e11, 0.9e11}), operations, 0);
  EXPECT_EQ(verdict.status, "noisy");
  EXPECT_THAT(verdict.reason, HasSubstr("half of the measured peaks lie 10.0 % or more"));
}

// Prevents that a case is noisy because it was looked at more often: the largest of many bursts is
// further from the smallest than that of few.
TEST(Judge, DoesNotDependOnTheNumberOfSamples) {
  std::vector<double> ceilings;
  for (int repetition = 0; repetition < 100; ++repetition) {
    ceilings.insert(ceilings.end(), {1e11, 1.01e11, 1.02e11, 0.99e11, 1.01e11});
    ceilings.push_back(repetition % 10 == 0 ? 1.3e11 : 1e11);
    const std::span seen(ceilings.begin(), ceilings.end());
    EXPECT_EQ(judge(samples(ceilings), operations, 0).status, "ok") << ceilings.size();
  }
}

// Prevents a confident number where the kernel itself was disturbed and the bursts were not.
TEST(Judge, NoisyWhenTheSamplesScatter) {
  std::vector<Sample> all = samples({1e11, 1e11, 1e11});
  all[0].seconds *= 1.4;
  EXPECT_EQ(judge(all, operations, 0).status, "ok") << "two of three agree";
  all[1].seconds *= 1.2;
  const Verdict verdict = judge(all, operations, 0);
  EXPECT_EQ(verdict.status, "noisy");
  EXPECT_THAT(verdict.reason, HasSubstr("16.7 %"));
}

// Prevents 130 % of peak from being printed as if it were a result.
TEST(Judge, MoreThanThePeakIsNotBelieved) {
  const Verdict verdict = judge(samples({1e11, 1e11, 1e11}, 1.3), operations, 0);
  EXPECT_EQ(verdict.status, "mistrusted");
  EXPECT_THAT(verdict.reason, HasSubstr("130.0 %"));
}

TEST(Judge, AllowsForTheDeviationOfTheCeilings) {
  EXPECT_EQ(judge(samples({1e11, 1.01e11, 0.99e11}, 1.025), operations, 0).status, "ok");
  EXPECT_EQ(judge(samples({1e11, 1e11, 1e11}, 1.03), operations, 0).status, "mistrusted");
}

// Prevents a row that looks undisturbed because the loops beside it were disturbed as well.
TEST(JudgeCompany, NoisyWhereOthersReachTheOperands) {
  EXPECT_EQ(judge_company(0.98, true, "L3").status, "noisy");
  EXPECT_THAT(judge_company(0.98, true, "L3").reason, HasSubstr("1.0 cores busy, which share L3"));
  EXPECT_EQ(judge_company(0.98, false, "L2").status, "ok");
  EXPECT_EQ(judge_company(0.05, true, "DRAM").status, "ok");
  EXPECT_EQ(judge_company({}, true, "DRAM").status, "ok") << "nobody knows";
}

TEST(Judge, OneSampleIsEnough) { EXPECT_EQ(judge(samples({1e11}), operations, 0).status, "ok"); }

/// Samples of kernels that move these shares of what this bandwidth would.
std::vector<Sample> memory_samples(double share) {
  std::vector<Sample> all = samples({1e11, 1e11, 1e11}, 0.1);
  for (Sample& sample : all) {
    sample.bandwidth = bytes / (share * sample.seconds);
  }
  return all;
}

TEST(PercentOfAttainable, IsOfTheLowerRoof) {
  EXPECT_NEAR(percent_of_attainable(memory_samples(0.7), operations, bytes), 70, 1e-9);
  EXPECT_NEAR(percent_of_attainable(memory_samples(0.05), operations, bytes), 10, 1e-9);
  EXPECT_NEAR(percent_of_attainable(samples({1e11}), operations, bytes), 90, 1e-9);
}

// Prevents 130 % of the bandwidth from being printed as if it were a result.
TEST(Judge, MoreThanTheBandwidthIsNotBelieved) {
  EXPECT_EQ(judge(memory_samples(0.99), operations, bytes).status, "ok");
  const Verdict verdict = judge(memory_samples(1.3), operations, bytes);
  EXPECT_EQ(verdict.status, "mistrusted");
  EXPECT_THAT(verdict.reason, HasSubstr("130.0 % of the measured bandwidth"));
}

// Prevents a share of a bandwidth that was another one at every sample.
TEST(Judge, NoisyWhenTheBandwidthThatBoundsItMoved) {
  std::vector<Sample> all = memory_samples(0.9);
  all[0].bandwidth *= 1.3;
  all[1].bandwidth *= 1.15;
  EXPECT_EQ(judge(all, operations, bytes).status, "noisy");
  EXPECT_EQ(judge(all, operations, 0).status, "ok") << "arithmetic bounds it";
}

}  // namespace
}  // namespace flopmeter
