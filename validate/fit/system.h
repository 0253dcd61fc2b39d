// Linear equations solved exactly, one equation after the other.
#pragma once

#include <optional>
#include <vector>

#include "validate/fit/modular.h"

namespace flopmeter::fit {

class System {
 public:
  explicit System(std::size_t unknowns) : unknowns_(unknowns), rows_(unknowns) {}

  enum class Said { news, nothing, contradiction };
  /// sum of coefficients[i] * unknown i = value.
  Said add(std::vector<Modular> coefficients, Modular value);

  /// A solution, with zeros for the later of unknowns that the equations do not tell apart. Empty
  /// when it is not made of small fractions.
  std::optional<std::vector<Rational>> solve() const;

 private:
  struct Row {
    std::vector<Modular> coefficients;  // empty: none yet; else the first that is not 0 is 1
    Modular value;
  };

  std::size_t unknowns_;
  std::vector<Row> rows_;  // by the first unknown that they have
};

}  // namespace flopmeter::fit
