// A formula held against the measurements of a sweep: where it is exact, and how far off elsewhere.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "validate/quantity.h"

namespace flopmeter::claims {

/// The guide's formula with its symbols bound to fields and variables of the layer.
class BoundFormula {
 public:
  /// Throws BadInput.
  BoundFormula(const std::string& formula,
               const std::map<std::string, std::vector<std::string>>& symbols);

  /// How many dimensions the claim is held along.
  std::size_t variants() const { return variants_; }
  const Expression& formula() const { return formula_; }
  /// The formula's value; names in `given` come before what the symbols are bound to.
  double evaluate(const Scope& shape, std::size_t variant, const Scope& given = {}) const;
  /// Whether every name it needs is known in `shape`.
  bool known_in(const Scope& shape) const;
  /// Whether it is made of measured counts ("2*macs") rather than of the shape.
  bool uses_counts() const;

 private:
  [[noreturn]] void unknown_symbol(const std::string& symbol, const Scope& shape) const;

  Expression formula_;
  std::map<std::string, std::vector<Expression>> bound_;  // of the formula's symbols
  std::size_t variants_ = 1;
};

/// Formula and measurement of one sample.
struct Comparison {
  std::string shape;
  double formula = 0;
  std::int64_t measured = 0;

  bool exact() const;
  /// |formula - measured| / measured; infinite where nothing was measured but something claimed.
  double deviation() const;
};

enum class Held { exact, exact_when, approximate, refuted };

/// What one measure says of a formula.
struct Finding {
  Measure measure;
  Held held = Held::refuted;
  std::vector<std::string_view> when;      // conditions; empty: on all shapes
  std::size_t samples = 0;                 // measured
  std::size_t covered = 0;                 // of these under the conditions
  std::size_t elsewhere_exact = 0;         // exact without the conditions
  std::optional<Comparison> worst;         // approximate: the largest deviation under the conditions
  std::optional<Comparison> counterexample;  // the smallest shape elsewhere where it is wrong
};

/// A formula off by no more than this is called approximate.
inline constexpr double approximate_limit = 0.1;

/// `samples` smallest first.
Finding hold(const BoundFormula& formula, const Measure& measure,
             std::span<const Sample* const> samples);

/// The same, where all that is asked is how well it approximates; refuted where it does not.
Finding hold_approximately(const BoundFormula& formula, const Measure& measure,
                           std::span<const Sample* const> samples);

/// "exact when mb = 1 and no padding".
std::string verdict_of(const Finding& finding);

/// The verdict with the numbers behind it, one sentence.
std::string evidence_of(const Finding& finding);

/// A number as people write it: 12, 12.5.
std::string number(double value);

}  // namespace flopmeter::claims
