#include "bench/compare/comparison.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "bench/compare/inference.h"
#include "kernels/bad_input.h"
#include "statistics/statistics.h"

namespace flopmeter::compare {
namespace {

constexpr std::size_t enough_to_estimate = 8;  // cases of a backend, for its between-run deviation
constexpr std::size_t enough_to_test = 3;      // cases of a group
constexpr double least_between = 0.005;        // no machine repeats a run better
constexpr double case_freedom = 6;  // tails of the between-run noise: placements that jump
constexpr double families = 3;      // cases, layers of a backend, backends: a third of alpha each

/// Where a run's memory happens to lie is worth tens of nanoseconds of every call in it: relu of
/// 4,096 numbers took 108 ns in one run and 148 in the next.
constexpr double short_call = 5e-7;
constexpr double placement = 0.12;

/// A shift with its standard error, before anything is said of it.
struct Tested {
  double shift = 0;
  double error = 0;
  double freedom = 1;
  bool judged = true;
};

std::string backend_of(const Pair& pair) {
  const std::string& a = pair.a.record->backend;
  const std::string& b = pair.b.record->backend;
  return a == b ? a : fmt::format("{} -> {}", a, b);
}

/// Deviation between runs of a call that is short enough for its memory's place to matter.
double placement_of(const PairedCase& one) {
  return std::min(one.seconds_a, one.seconds_b) < short_call ? placement : 0;
}

double variance_within(const Shift& shift) { return shift.variance + shift.drift * shift.drift; }

RateChange verdict(const Estimate& estimate, const Settings& settings) {
  const double largest = 1 + settings.smallest_effect;
  if (estimate.p_value <= 1 - settings.confidence) {
    return estimate.ratio > 1 ? RateChange::slower : RateChange::faster;
  }
  const bool within = estimate.high <= largest && estimate.low >= 1 / largest;
  return within ? RateChange::same : RateChange::unclear;
}

/// What is said of a family of tests.
std::vector<Estimate> judge_family(std::span<const Tested> family, const Settings& settings) {
  const double margin = std::log1p(settings.smallest_effect);
  std::vector<double> p_values;
  for (const Tested& one : family) {
    if (one.judged) {
      p_values.push_back(margin_p_value(one.shift, one.error, margin, one.freedom));
    }
  }
  const std::vector<double> adjusted = holm(p_values);
  auto next = adjusted.begin();
  std::vector<Estimate> estimates;
  for (const Tested& one : family) {
    const double reach = student_quantile((1 - settings.confidence) / 2, one.freedom) * one.error;
    Estimate estimate{std::exp(one.shift), std::exp(one.shift - reach),
                      std::exp(one.shift + reach)};
    if (one.judged) {
      estimate.p_value = std::min(1.0, families * *next++);
      estimate.verdict = verdict(estimate, settings);
    }
    estimates.push_back(estimate);
  }
  return estimates;
}

using Indices = std::vector<std::size_t>;

struct Group {
  std::string backend;
  std::string layer;
  Indices cases;
};

void add_to(std::vector<Group>& groups, const std::string& backend, const std::string& layer,
            std::size_t index) {
  auto found = std::ranges::find_if(
      groups, [&](const Group& group) { return group.backend == backend && group.layer == layer; });
  if (found == groups.end()) {
    found = groups.insert(groups.end(), {backend, layer, {}});
  }
  found->cases.push_back(index);
}

std::vector<Group> groups_of(std::span<const CaseResult> all, bool by_layer) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < all.size(); ++i) {
    add_to(groups, all[i].of.backend, by_layer ? all[i].of.layer : "", i);
  }
  return groups;
}

bool repeats_one_thing(std::span<const CaseResult> all, const Indices& cases) {
  return std::ranges::all_of(cases, [&](std::size_t i) { return all[i].of.same_machine; });
}

/// From the dispersion of the shifts of a backend around their own median: a shift of the whole
/// backend does not count as noise, and a few cases that really moved hardly do.
double estimate_between(std::span<const CaseResult> all, const Indices& cases) {
  std::vector<double> shifts;
  std::vector<double> variances;
  for (const std::size_t i : cases) {
    shifts.push_back(all[i].of.shift.time);
    variances.push_back(variance_within(all[i].of.shift));
  }
  const double middle = median(shifts);
  std::ranges::transform(shifts, shifts.begin(), [&](double shift) { return shift - middle; });
  return std::max(least_between, between_deviation(shifts, variances));
}

BetweenRuns between_runs(const Group& backend, std::span<const CaseResult> all,
                         const Settings& settings) {
  const bool enough = settings.same_kind && backend.cases.size() >= enough_to_estimate &&
                      repeats_one_thing(all, backend.cases);
  return {backend.backend, enough ? estimate_between(all, backend.cases) : settings.assumed_between,
          enough};
}

/// The geometric mean, weighted by precision. Its error is the larger one of what the cases' errors
/// and what their dispersion say, and the drift that they have in common, which no number of cases
/// averages out.
Tested mean_of(const Indices& cases, std::span<const Tested> tested,
               std::span<const CaseResult> all) {
  double weights = 0;
  double squares = 0;
  double sum = 0;
  double drift = 0;
  for (const std::size_t i : cases) {
    const double weight = 1 / (tested[i].error * tested[i].error);
    weights += weight;
    squares += weight * weight;
    sum += weight * tested[i].shift;
    drift += weight * all[i].of.shift.drift;
  }
  const double mean = sum / weights;
  double dispersion = 0;
  for (const std::size_t i : cases) {
    const double distance = (tested[i].shift - mean) / (tested[i].error * tested[i].error);
    dispersion += distance * distance;
  }
  const auto count = static_cast<double>(cases.size());
  const double spread = count < 2 ? 0 : std::sqrt(dispersion * count / (count - 1)) / weights;
  const double error = std::hypot(std::max(spread, 1 / std::sqrt(weights)), drift / weights);
  const double effective = weights * weights / squares;  // as many cases of equal weight
  return {mean, error, std::max(1.0, effective - 1), cases.size() >= enough_to_test};
}

/// The groups' estimates, one family.
std::vector<GroupResult> judge_groups(std::span<const Group> groups, std::span<const Tested> tested,
                                      std::span<const CaseResult> all, const Settings& settings) {
  std::vector<Tested> family;
  for (const Group& group : groups) {
    family.push_back(mean_of(group.cases, tested, all));
  }
  const std::vector<Estimate> estimates = judge_family(family, settings);
  std::vector<GroupResult> results;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto noisy =
        std::ranges::count_if(groups[i].cases, [&](std::size_t at) { return !all[at].of.ok(); });
    results.push_back({groups[i].backend, groups[i].layer, groups[i].cases.size(),
                       static_cast<std::size_t>(noisy), estimates[i]});
  }
  return results;
}

/// Each backend with its layers behind it.
std::vector<GroupResult> nested(std::vector<GroupResult> backends,
                                std::span<const GroupResult> layers) {
  std::vector<GroupResult> results;
  for (GroupResult& backend : backends) {
    results.push_back(std::move(backend));
    const std::string name = results.back().backend;
    std::ranges::copy_if(layers, std::back_inserter(results),
                         [&](const GroupResult& layer) { return layer.backend == name; });
  }
  return results;
}

}  // namespace

std::string_view to_string(RateChange verdict) {
  switch (verdict) {
    case RateChange::slower:
      return "slower";
    case RateChange::faster:
      return "faster";
    case RateChange::same:
      return "same";
    case RateChange::unclear:
      return "unclear";
    case RateChange::not_judged:
      return "not judged";
  }
  return "";
}

PairedCase looked_at(const Pair& pair, const Settings& settings) {
  const Record& a = *pair.a.record;
  const Record& b = *pair.b.record;
  PairedCase one{.a = title(a),
                 .b = title(b),
                 .backend = backend_of(pair),
                 .layer = a.layer,
                 .status_a = a.status,
                 .status_b = b.status,
                 .seconds_a = *a.seconds,
                 .seconds_b = *b.seconds,
                 .same_machine = same_machine(pair),
                 .shift = shift(pair, settings.normalise)};
  if (one.b == one.a) {
    one.b = {};
  }
  return one;
}

Comparison judge(std::vector<PairedCase> cases, const Settings& settings) {
  Comparison comparison;
  std::vector<CaseResult>& all = comparison.cases;
  all.reserve(cases.size());
  for (PairedCase& one : cases) {
    const double ratio = one.seconds_b / one.seconds_a;
    all.push_back({.of = std::move(one), .raw_ratio = ratio});
  }
  cases = {};
  std::vector<Tested> tested(all.size());
  const std::vector<Group> backends = groups_of(all, false);
  for (const Group& backend : backends) {
    const BetweenRuns between = between_runs(backend, all, settings);
    for (const std::size_t i : backend.cases) {
      const PairedCase& one = all[i].of;
      const double error =
          std::hypot(std::sqrt(variance_within(one.shift)),
                     std::hypot(between.deviation, settings.same_kind ? placement_of(one) : 0));
      tested[i] = {one.shift.time, error, case_freedom, one.ok()};
    }
    comparison.between.push_back(between);
  }
  const std::vector<Estimate> estimates = judge_family(tested, settings);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].estimate = estimates[i];
  }
  comparison.groups = nested(judge_groups(backends, tested, all, settings),
                             judge_groups(groups_of(all, true), tested, all, settings));
  return comparison;
}

bool regressed(const Comparison& comparison, double ratio) {
  const auto worse = [&](const auto& result) {
    return result.estimate.verdict == RateChange::slower && result.estimate.ratio > ratio;
  };
  return std::ranges::any_of(comparison.cases, worse) ||
         std::ranges::any_of(comparison.groups, worse);
}

}  // namespace flopmeter::compare
