#include "bench/measurement.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

using testing::HasSubstr;

constexpr double operations = 1e6;

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

TEST(Judge, OkUpToFivePercent) {
  EXPECT_EQ(judge(samples({1e11, 1.04e11, 1e11}), operations).status, "ok");
  EXPECT_EQ(judge(samples({1e11, 1.04e11, 1e11}), operations).reason, "");
}

TEST(Judge, NoisySaysByHowMuchThePeakMoved) {
  const Verdict verdict = judge(samples({1e11, 1.1e11, 1e11}), operations);
  EXPECT_EQ(verdict.status, "noisy");
  EXPECT_THAT(verdict.reason, HasSubstr("10.0 %"));
}

// Prevents a confident number where the kernel itself was disturbed and the bursts were not.
TEST(Judge, NoisyWhenTheSamplesScatter) {
  std::vector<Sample> all = samples({1e11, 1e11, 1e11});
  all[0].seconds *= 1.4;
  EXPECT_EQ(judge(all, operations).status, "ok") << "two of three agree";
  all[1].seconds *= 1.2;
  const Verdict verdict = judge(all, operations);
  EXPECT_EQ(verdict.status, "noisy");
  EXPECT_THAT(verdict.reason, HasSubstr("16.7 %"));
}

// Prevents 130 % of peak from being printed as if it were a result.
TEST(Judge, MoreThanThePeakIsNotBelieved) {
  const Verdict verdict = judge(samples({1e11, 1e11, 1e11}, 1.3), operations);
  EXPECT_EQ(verdict.status, "mistrusted");
  EXPECT_THAT(verdict.reason, HasSubstr("130.0 %"));
}

TEST(Judge, AllowsForTheSpreadOfTheCeilings) {
  EXPECT_EQ(judge(samples({1e11, 1.04e11, 1e11}, 1.03), operations).status, "ok");
  EXPECT_EQ(judge(samples({1e11, 1e11, 1e11}, 1.03), operations).status, "mistrusted");
}

TEST(Judge, OneSampleIsEnough) { EXPECT_EQ(judge(samples({1e11}), operations).status, "ok"); }

}  // namespace
}  // namespace flopmeter
