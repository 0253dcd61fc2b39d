#include "bench/attempts.h"

#include <gmock/gmock.h>

#include <vector>

namespace flopmeter {
namespace {

using testing::HasSubstr;

/// Half of the samples lie this share from their median.
Measurement measured(std::string_view status, double deviation) {
  return {.verdict = {status, status == "ok" ? "" : "why"},
          .samples = {{1, 1 - deviation, 1e9}, {1, 1, 1e9}, {1, 1 + deviation, 1e9}}};
}

/// Hands out measurements in turn; each takes so many seconds.
struct Script {
  std::vector<Measurement> later;
  double seconds = 1;
  std::size_t used = 0;
  double now = 0;

  Measurement run(Measurement first) {
    return settled(
        std::move(first),
        [this] {
          now += seconds;
          return later.at(used++);
        },
        [this] { return now; });
  }
};

TEST(Attempts, WhatIsNotNoisyIsMeasuredOnce) {
  for (const char* status : {"ok", "mistrusted", "failed"}) {
    Script script;
    EXPECT_EQ(script.run(measured(status, 0.5)).attempts, 1);
    EXPECT_EQ(script.used, 0U);
  }
}

// Prevents a noisy row where another look would have found rest.
TEST(Attempts, TheFirstThatIsNotNoisyCounts) {
  Script script{.later = {measured("noisy", 0.01), measured("ok", 0.02), measured("ok", 0)}};
  const Measurement result = script.run(measured("noisy", 0.3));
  EXPECT_EQ(result.verdict.status, "ok");
  EXPECT_EQ(result.verdict.reason, "");
  EXPECT_EQ(result.attempts, 3);
  EXPECT_NEAR(sample_deviation(result.samples), 0.02, 1e-12);
}

TEST(Attempts, OfNoisyOnesTheSteadiestIsKept) {
  Script script{.later = {measured("noisy", 0.2), measured("noisy", 0.1), measured("noisy", 0.4)}};
  const Measurement result = script.run(measured("noisy", 0.3));
  EXPECT_EQ(result.verdict.status, "noisy");
  EXPECT_THAT(result.verdict.reason, HasSubstr("why; the steadiest of 4 attempts"));
  EXPECT_NEAR(sample_deviation(result.samples), 0.1, 1e-12);
}

// Prevents that a machine without rest is measured for ever.
TEST(Attempts, EndWithTheBudgetOfTime) {
  Script script{.later = {measured("noisy", 0.2), measured("noisy", 0.1)},
                .seconds = seconds_for_more_attempts};
  EXPECT_EQ(script.run(measured("noisy", 0.3)).attempts, 2);
}

}  // namespace
}  // namespace flopmeter
