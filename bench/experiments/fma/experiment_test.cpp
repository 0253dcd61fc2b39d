#include "bench/experiments/fma/experiment.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "counters/executed/counter.h"

namespace flopmeter {
namespace {

LoopResult result(Mix mix, Form form, std::vector<Timing> timings) {
  return {.loop = {Real::f32, &widths()[2], mix, form}, .timings = std::move(timings)};
}

TEST(FmaAnswer, RatiosComeFromThePairsOfTheirMix) {
  const std::vector<LoopResult> results{
      result(Mix::throughput, Form::multiply, {{1, 0}, {2, 0}, {1, 0}}),
      result(Mix::throughput, Form::separate, {{3, 0}, {6, 0}, {3, 0}}),
      result(Mix::throughput, Form::fused, {{1, 0}, {2, 0}, {1, 0}}),
      result(Mix::sum, Form::separate, {{3, 0}}),
      result(Mix::sum, Form::fused, {{4, 0}}),
      result(Mix::horner, Form::separate, {{8, 0}})};
  const Answer found = answer(results);
  EXPECT_EQ(found.speedups[0]->median, 3);
  EXPECT_EQ(found.speedups[1]->median, 0.75);
  EXPECT_FALSE(found.speedups[2]);
  EXPECT_EQ(found.fma_over_multiply->median, 1);
  EXPECT_EQ(does_two_in_one(found), true);
}

Answer with_ratio(double median, double deviation) {
  return {Real::f32, widths().data(), {}, Estimate{median, deviation}};
}

// Prevents a yes or no from samples that do not bear it.
TEST(FmaAnswer, YesUpToFivePercentAndNothingFromNoise) {
  EXPECT_EQ(does_two_in_one(with_ratio(1.05, 0)), true);
  EXPECT_EQ(does_two_in_one(with_ratio(1.06, 0)), false);
  EXPECT_EQ(does_two_in_one(with_ratio(1, 0.06)), std::nullopt);
  EXPECT_EQ(does_two_in_one({Real::f32, widths().data(), {}}), std::nullopt);
}

TEST(FmaAnswer, SaysWhyThereIsNone) {
  LoopResult lacking = result(Mix::throughput, Form::fused, {});
  lacking.unavailable = "this CPU has no FMA";
  const Answer found = answer(std::vector{lacking});
  EXPECT_EQ(found.reason, "this CPU has no FMA");
  EXPECT_FALSE(found.fma_over_multiply);
}

// A clock that moves on by a millisecond at each look.
TEST(MeasureLoops, TimesWhatWasVerified) {
  if (!executed::why_unavailable().empty() || !cpu_has(CpuFeature::fma)) {
    GTEST_SKIP() << "nothing is timed that cannot be counted";
  }
  double now = 0;
  const Clock clock = [&] { return now += 1e-3; };
  const std::vector<MacLoop> loops = mac_loops(Real::f32, widths()[1]);
  const auto results = measure_loops(loops, {.rounds = 3, .seconds = 1e-3}, clock);
  ASSERT_EQ(results.size(), loops.size());
  for (const LoopResult& one : results) {
    EXPECT_EQ(one.unavailable + one.failed, "");
    ASSERT_EQ(one.timings.size(), 3U);
    EXPECT_NEAR(one.seconds().median, 1e-3 / 1000, 1e-12);
    EXPECT_NEAR(one.cycles().median, 200.0 / 1000 * 96, 1e-6);
    EXPECT_NEAR(one.gflops(), static_cast<double>(one.loop.flops()) / 1e-6 / 1e9, 1e-6);
  }
}

TEST(MeasureLoops, LeavesOutWhatTheCpuLacks) {
  static constexpr Width lacking{"9",
                                 128,
                                 false,
                                 {static_cast<CpuFeature>(99), "AVX9"},
                                 {static_cast<CpuFeature>(99), "AVX9"}};
  const auto results = measure_loops(mac_loops(Real::f32, lacking), {.rounds = 1, .seconds = 0});
  for (const LoopResult& one : results) {
    EXPECT_EQ(one.unavailable, "this CPU has no AVX9");
    EXPECT_TRUE(one.timings.empty());
  }
}

}  // namespace
}  // namespace flopmeter
