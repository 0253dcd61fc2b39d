// The verdict on a claim: its formula held against a sweep, its worked numbers against a
// measurement.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "validate/claims/claim.h"
#include "validate/claims/finding.h"
#include "validate/claims/worked.h"

namespace flopmeter::claims {

struct Judgement {
  const Claim* claim = nullptr;
  std::string not_judged;                // "definition", or why nothing was measured
  std::vector<Finding> findings;         // of the formula, one a measure; empty without formula
  bool flop2_by_definition = false;      // the formula is made of counts and flop2 is 2 x MAC
  std::size_t chosen = 0;                // the finding that the verdict is about
  std::optional<Finding> approximation;  // where the claim says "about" and holds on more shapes
  std::vector<Worked> examples;

  /// "exact when mb = 1"; empty without formula.
  std::string formula_verdict() const;
  /// "misprinted (the formula gives 513000)"; empty without examples.
  std::string example_verdict() const;
  /// Both.
  std::string verdict() const;
  std::string evidence() const;
  /// The example that outputs show first: the first that does not match, else the first. Or null.
  const Worked* shown_example() const;
};

/// Measures what the claim is about and judges it. Throws BadInput naming the claim.
Judgement judge(const Claim& claim, Sweeps& sweeps);

/// All of them, in order. The claims must outlive the judgements.
std::vector<Judgement> judge_all(const std::vector<Claim>& claims);

}  // namespace flopmeter::claims
