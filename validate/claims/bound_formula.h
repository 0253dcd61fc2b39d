// A guide's formula, its symbols bound to fields and variables of a layer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "validate/expression.h"

namespace flopmeter::claims {

/// The guide's formula with its symbols bound to fields and variables of the layer.
class BoundFormula {
 public:
  /// `upper`: the formula is the lower end of a range, and this, over measured counts, the upper
  /// one. Throws BadInput.
  BoundFormula(const std::string& formula,
               const std::map<std::string, std::vector<std::string>>& symbols,
               const std::string& upper = "");

  /// How many dimensions the claim is held along.
  std::size_t variants() const { return variants_; }
  const Expression& formula() const { return formula_; }
  /// The formula's value; names in `given` come before what the symbols are bound to.
  double evaluate(const Scope& shape, std::size_t variant, const Scope& given = {}) const;
  /// The upper end of the range, if it is one.
  std::optional<double> upper(const Scope& shape) const;
  /// Whether every name it needs is known in `shape`.
  bool known_in(const Scope& shape) const;
  /// Whether it is made of measured counts ("2*macs") rather than of the shape.
  bool uses_counts() const;

 private:
  [[noreturn]] void unknown_symbol(const std::string& symbol, const Scope& shape) const;

  Expression formula_;
  std::optional<Expression> upper_;
  std::map<std::string, std::vector<Expression>> bound_;  // of the formula's symbols
  std::size_t variants_ = 1;
};

}  // namespace flopmeter::claims
