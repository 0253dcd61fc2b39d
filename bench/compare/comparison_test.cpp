#include "bench/compare/comparison.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "bench/compare/paired_rows.h"
#include "bench/compare/synthetic_runs.h"

namespace flopmeter::compare {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

using Names = std::set<std::string>;

/// "slower eigen", "faster eigen linear", "slower matmul/forward/eigen/f32/s3".
Names significant(const Comparison& comparison) {
  Names names;
  const auto add = [&](const Estimate& estimate, const std::string& name) {
    if (estimate.verdict == RateChange::slower || estimate.verdict == RateChange::faster) {
      names.insert(std::string(to_string(estimate.verdict)) + ' ' + name);
    }
  };
  for (const GroupResult& group : comparison.groups) {
    add(group.estimate, group.backend + (group.layer.empty() ? "" : ' ' + group.layer));
  }
  for (const CaseResult& result : comparison.cases) {
    add(result.estimate, result.of.a);
  }
  return names;
}

Names found(const Grid& before, const Grid& after, std::uint64_t seed,
            const Settings& settings = {}) {
  Normal normal(seed);
  const StoredResults a = synthetic_run(before, normal);
  const StoredResults b = synthetic_run(after, normal);
  return significant(compared_rows(a, b, settings));
}

constexpr std::uint64_t tries = 200;

/// In how many of 200 pairs of runs the condition holds.
template <class Condition>
std::uint64_t count_tries(const Grid& before, const Grid& after, Condition condition) {
  std::uint64_t count = 0;
  for (std::uint64_t seed = 1; seed <= tries; ++seed) {
    count += condition(found(before, after, seed)) ? 1 : 0;
  }
  return count;
}

// Prevents alarms between two runs of one build: of 95 % confidence, at most 5 % of the tries may
// have any at all among 40 cases and 10 groups.
TEST(Comparison, NullRunsGiveNoAlarm) {
  for (const double between : {0.01, 0.03, 0.05}) {
    const Grid grid{.between = between};
    EXPECT_LE(count_tries(grid, grid, [](const Names& names) { return !names.empty(); }),
              tries / 20)
        << "between runs " << between;
  }
}

// Prevents the same where the samples of a run agree among themselves, as they do on a calm
// machine: within-run scatter alone would call nearly every case significant.
TEST(Comparison, NullRunsWithSteadySamplesGiveNoAlarm) {
  const Grid grid{.between = 0.03, .within = 0.0005};
  EXPECT_LE(count_tries(grid, grid, [](const Names& names) { return !names.empty(); }), tries / 20);
}

// Prevents cases that jump from run to run, as memory is placed, from being called regressions: one
// in ten has three times the noise of the others.
TEST(Comparison, NullRunsWithHeavyTailsGiveFewAlarms) {
  for (const double between : {0.01, 0.03}) {
    const Grid grid{.between = between, .jumping = 3};
    EXPECT_LE(count_tries(grid, grid, [](const Names& names) { return !names.empty(); }),
              tries / 20)
        << "between runs " << between;
  }
}

// Prevents short calls, which the place of their memory makes faster or slower by a third, from
// being called regressions.
TEST(Comparison, ShortCallsMoveWithTheirMemory) {
  const Grid after{.between = 0.01, .slower = {{"relu/forward/eigen/f32/s2", 1.3}}};
  Grid shorter = after;
  shorter.shortest = 1e-7;
  EXPECT_THAT(found({.between = 0.01}, after, 1), Contains("slower relu/forward/eigen/f32/s2"));
  Grid before{.between = 0.01};
  before.shortest = 1e-7;
  EXPECT_THAT(found(before, shorter, 1), Not(Contains("slower relu/forward/eigen/f32/s2")));
}

bool names_onednn(const Names& names) {
  return std::ranges::any_of(
      names, [](const std::string& name) { return name.find("onednn") != std::string::npos; });
}

// Prevents a backend's shift from being missed, or from being laid at the other's door.
TEST(Comparison, FindsExactlyTheBackendThatIsSlower) {
  for (const double between : {0.01, 0.03, 0.05}) {
    const Grid before{.between = between};
    const Grid after{.between = between, .slower = {{"eigen", 1.1}}};
    const auto missed = [](const Names& names) { return !names.contains("slower eigen"); };
    EXPECT_LE(count_tries(before, after, missed), between < 0.04 ? 0 : tries / 10) << between;
    EXPECT_LE(count_tries(before, after, names_onednn), tries / 20) << between;
  }
}

TEST(Comparison, FindsAFasterBackend) {
  EXPECT_THAT(found({}, {.slower = {{"onednn", 0.8}}}, 1), Contains("faster onednn"));
}

// Prevents a single regression from drowning among cases that stayed as they were, or from dragging
// its group along.
TEST(Comparison, FindsExactlyTheCaseThatIsSlower) {
  const std::string name = "matmul/forward/onednn/f32/s3";
  for (const double between : {0.01, 0.015}) {
    const Grid before{.between = between};
    const Grid after{.between = between, .slower = {{name, 1.3}}};
    const auto other = [&](const Names& names) { return names != Names{"slower " + name}; };
    EXPECT_LE(count_tries(before, after, other), tries / 10) << between;
  }
}

// Prevents what is too small to matter from being called significant, however sure it is.
TEST(Comparison, EffectsBelowTheSmallestOfInterestAreNone) {
  const Grid quiet{.between = 0.001, .within = 0.0005};
  const Grid after{.between = 0.001, .within = 0.0005, .slower = {{"eigen", 1.02}}};
  EXPECT_THAT(found(quiet, after, 1), IsEmpty());
  EXPECT_THAT(found(quiet, after, 1, {.smallest_effect = 0.0}), Contains("slower eigen"));
}

// Prevents a clock that is a tenth slower in one of the runs from looking like slower kernels.
TEST(Comparison, NormalisingTakesTheClockOut) {
  Normal normal(1);
  const StoredResults a = synthetic_run({.between = 0.01, .clock = 0.02}, normal);
  StoredResults b = synthetic_run({.between = 0.01, .clock = 0.02}, normal);
  for (Stored<Record>& stored : b.records) {
    for (double& sample : stored.row.samples) {
      sample *= 1.1;
    }
    for (double& peak : stored.row.peak_samples) {
      peak /= 1.1;
    }
    *stored.row.seconds *= 1.1;
  }
  const Comparison normalised = compared_rows(a, b);
  EXPECT_NEAR(normalised.groups.front().estimate.ratio, 1, 0.02);
  EXPECT_TRUE(normalised.cases.front().of.shift.normalised);
  EXPECT_NEAR(normalised.cases.front().raw_ratio, 1.1, 0.06);
  EXPECT_THAT(significant(normalised), IsEmpty());
  // Raw times moved, but so did the machine: that is no finding about the kernels.
  const Comparison raw = compared_rows(a, b, {.normalise = false});
  EXPECT_NEAR(raw.groups.front().estimate.ratio, 1.1, 0.02);
  EXPECT_THAT(significant(raw), IsEmpty());
}

TEST(Comparison, NoisyRowsAreNotJudgedByThemselves) {
  Normal normal(1);
  const StoredResults a = synthetic_run({}, normal);
  StoredResults b = synthetic_run({.slower = {{"conv2d/forward/eigen/f32/s1", 2}}}, normal);
  b.records.front().row.status = "noisy";
  const Comparison comparison = compared_rows(a, b);
  EXPECT_EQ(comparison.cases.front().estimate.verdict, RateChange::not_judged);
  EXPECT_NEAR(comparison.cases.front().estimate.ratio, 2, 0.2);
  EXPECT_EQ(comparison.groups.front().noisy, 1);
  EXPECT_THAT(significant(comparison), IsEmpty());
}

// Prevents what differs between two backends by nature from being taken for noise.
TEST(Comparison, TwoBackendsOfOneRun) {
  Normal normal(1);
  const StoredResults run = synthetic_run(
      {.between = 0.01, .slower = {{"eigen", 2}, {"relu/forward/onednn/f32/s2", 8}}}, normal);
  const Comparison comparison =
      compared_rows(run, run, {.same_kind = false}, By{"backend", "eigen", "onednn"});
  ASSERT_EQ(comparison.cases.size(), 20);
  EXPECT_FALSE(comparison.between.front().estimated);
  const Names names = significant(comparison);
  EXPECT_THAT(names, IsSupersetOf({"faster conv2d/forward/eigen/f32/s1", "faster eigen -> onednn",
                                   "slower relu/forward/eigen/f32/s2"}));
}

TEST(Comparison, Regressed) {
  Comparison comparison;
  EXPECT_FALSE(regressed(comparison, 1.05));
  comparison.groups.push_back({.estimate = {.ratio = 1.08, .verdict = RateChange::unclear}});
  comparison.groups.push_back({.estimate = {.ratio = 1.04, .verdict = RateChange::slower}});
  EXPECT_FALSE(regressed(comparison, 1.05));
  comparison.cases.push_back({.estimate = {.ratio = 1.06, .verdict = RateChange::slower}});
  EXPECT_TRUE(regressed(comparison, 1.05));
}

}  // namespace
}  // namespace flopmeter::compare
