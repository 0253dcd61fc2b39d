#include "validate/fit/system.h"

namespace flopmeter::fit {

System::Said System::add(std::vector<Modular> coefficients, Modular value) {
  for (std::size_t first = 0; first < unknowns_; ++first) {
    const Modular factor = coefficients[first];
    if (factor.zero()) {
      continue;
    }
    Row& row = rows_[first];
    if (row.coefficients.empty()) {
      const Modular scale = factor.inverse();
      for (Modular& coefficient : coefficients) {
        coefficient = coefficient * scale;
      }
      row = {std::move(coefficients), value * scale};
      return Said::news;
    }
    for (std::size_t i = first; i < unknowns_; ++i) {
      coefficients[i] = coefficients[i] - factor * row.coefficients[i];
    }
    value = value - factor * row.value;
  }
  return value.zero() ? Said::nothing : Said::contradiction;
}

std::optional<std::vector<Rational>> System::solve() const {
  std::vector<Modular> solution(unknowns_);
  for (std::size_t i = unknowns_; i-- > 0;) {
    const Row& row = rows_[i];
    if (row.coefficients.empty()) {
      continue;
    }
    solution[i] = row.value;
    for (std::size_t j = i + 1; j < unknowns_; ++j) {
      solution[i] = solution[i] - row.coefficients[j] * solution[j];
    }
  }
  std::vector<Rational> fractions;
  for (const Modular& value : solution) {
    const std::optional<Rational> fraction = value.rational();
    if (!fraction) {
      return std::nullopt;
    }
    fractions.push_back(*fraction);
  }
  return fractions;
}

}  // namespace flopmeter::fit
