// A formula held against the measurements of a sweep: where it is exact, and how far off elsewhere.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "validate/claims/bound_formula.h"
#include "validate/claims/quantity.h"

namespace flopmeter::claims {

/// Formula and measurement of one sample. With an upper end the formula is the lower end of a
/// range, and exact is what lies within.
struct SampleComparison {
  std::string shape;
  double formula = 0;
  std::int64_t measured = 0;
  std::optional<double> upper = {};

  bool exact() const;
  /// |formula - measured| / measured; infinite where nothing was measured but something claimed.
  double deviation() const;
};

enum class Held { exact, exact_when, approximate, refuted };

/// What one measure says of a formula.
struct Finding {
  Measure measure;
  Held held = Held::refuted;
  std::vector<std::string_view> when;     // conditions; empty: on all shapes
  std::size_t samples = 0;                // measured
  std::size_t covered = 0;                // of these under the conditions
  std::size_t elsewhere_exact = 0;        // exact without the conditions
  std::optional<SampleComparison> worst;  // approximate: the largest deviation under the conditions
  std::optional<SampleComparison> lowest;   // of a range: nearest to its lower end or below it,
  std::optional<SampleComparison> highest;  // and farthest above
  std::optional<SampleComparison> counterexample;  // the smallest shape elsewhere where it is wrong
};

/// A formula off by no more than this is called approximate.
inline constexpr double approximate_limit = 0.1;

/// `samples` smallest first. `more`: conditions to try behind those of conditions().
Finding hold(const BoundFormula& formula, const Measure& measure,
             std::span<const Sample* const> samples, std::span<const Condition> more = {});

/// The same, where all that is asked is how well it approximates; refuted where it does not.
Finding hold_approximately(const BoundFormula& formula, const Measure& measure,
                           std::span<const Sample* const> samples,
                           std::span<const Condition> more = {});

/// "exact when mb = 1 and no padding".
std::string verdict_of(const Finding& finding);

/// The verdict with the numbers behind it, one sentence.
std::string evidence_of(const Finding& finding);

/// A number as people write it: 12, 12.5.
std::string number(double value);

}  // namespace flopmeter::claims
