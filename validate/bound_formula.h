// A guide's formula, its symbols bound to fields and variables of a layer.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "validate/expression.h"

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

}  // namespace flopmeter::claims
