// Worked numbers: what a guide prints, its own formula gives, and the measurement says.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "validate/claims/claim.h"
#include "validate/claims/finding.h"

namespace flopmeter::claims {

struct Worked {
  const Example* example = nullptr;
  std::string shape;  // what was measured, one or several
  std::vector<Measure> measures;
  std::vector<std::int64_t> values;  // one a measure
  std::size_t chosen = 0;            // the measure that explains the printed number best
  std::optional<double> formula;     // the guide's own, at the example
  bool closed_form_agrees = true;    // flopmeter's formula is what was measured
  bool ran = true;

  std::int64_t measured() const { return values[chosen]; }
  bool matches() const;
  /// "matches", "misprinted (the formula gives 896)", "misprinted (measured 896)".
  std::string verdict() const;
  std::string evidence() const;
};

/// `measures` in order of preference. `formula` may be null. Throws BadInput.
Worked work_out(const Claim& claim, const Example& example, const Model& model,
                const BoundFormula* formula, const std::vector<Measure>& measures);

}  // namespace flopmeter::claims
