// Two sets of rows held against each other: which cases and which groups of cases became slower.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/compare/pairing.h"
#include "bench/compare/shift.h"

namespace flopmeter::compare {

struct Settings {
  double confidence = 0.95;        // of each interval; the whole report's of no false alarm
  double smallest_effect = 0.025;  // ratios up to 1.025 and down to 1 / 1.025 are no effect
  double assumed_between = 0.03;   // between-run deviation where it cannot be estimated
  bool normalise = true;           // by the peak beside each sample, where it applies
  bool same_kind = true;           // the sides are runs of one thing: not two backends, two dtypes
};

/// slower, faster: significantly, by more than the smallest effect. same: the interval lies within
/// the smallest effect. unclear: neither. not judged: a row is noisy or mistrusted, or a group has
/// fewer than three cases.
enum class RateChange { slower, faster, same, unclear, not_judged };

std::string_view to_string(RateChange verdict);

/// A ratio of times, b / a: above 1, b is slower.
struct Estimate {
  double ratio = 1;
  double low = 1;  // of the interval
  double high = 1;
  double p_value = 1;  // of the true ratio being within the smallest effect; adjusted for all tests
  RateChange verdict = RateChange::not_judged;
};

/// What is kept of a pair once its samples have been looked at.
struct PairedCase {
  std::string a = {}, b = {};            // titles; b empty: as a
  std::string backend = {}, layer = {};  // "eigen"; "eigen -> onednn" where the sides differ in it
  std::string status_a = {}, status_b = {};  // of the rows
  double seconds_a = 0, seconds_b = 0;       // medians
  bool same_machine = false;
  Shift shift = {};

  bool ok() const { return status_a == "ok" && status_b == "ok"; }
  const std::string& title_of_b() const { return b.empty() ? a : b; }
};

PairedCase looked_at(const Pair& pair, const Settings& settings);

struct CaseResult {
  PairedCase of = {};
  double raw_ratio = 1;  // median b / median a, as the tables show them
  Estimate estimate = {};
};

/// Cases of one backend, or of one layer of it.
struct GroupResult {
  std::string backend = {};  // "eigen"; "eigen -> onednn" where the sides differ in it
  std::string layer = {};    // empty: all
  std::size_t cases = 0;
  std::size_t noisy = 0;   // of them, noisy or mistrusted
  Estimate estimate = {};  // of the geometric mean, weighted by precision
};

/// How far two runs of the same build lie apart in a case: the standard deviation of log(b / a).
struct BetweenRuns {
  std::string backend;
  double deviation = 0;
  bool estimated = false;  // or assumed
};

struct Comparison {
  std::vector<CaseResult> cases;    // as they were given
  std::vector<GroupResult> groups;  // each backend, then its layers
  std::vector<BetweenRuns> between;
};

/// The statistics of docs/compare.md.
Comparison judge(std::vector<PairedCase> cases, const Settings& settings);

/// Whether a case or a group is significantly slower and its ratio above `ratio`.
bool regressed(const Comparison& comparison, double ratio);

}  // namespace flopmeter::compare
