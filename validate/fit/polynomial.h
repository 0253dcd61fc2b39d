// Sums of products of powers, with fractions as coefficients; powers may be negative: ic/g.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "validate/fit/rational.h"

namespace flopmeter::fit {

/// One power a variable.
using Exponents = std::vector<int>;

struct Term {
  Rational coefficient;
  Exponents exponents;
};

struct Polynomial {
  std::vector<std::string> variables;
  std::vector<Term> terms;  // none: 0

  /// Its value where the variables have these values. Throws CountOverflow.
  Rational at(std::span<const std::int64_t> values) const;

  /// With what all terms share before the bracket, as flopmeter's formulas are read:
  /// "mb*oc*oh*ow*(ic*kh*kw/g + bias - 1)".
  std::string text() const;
};

}  // namespace flopmeter::fit
