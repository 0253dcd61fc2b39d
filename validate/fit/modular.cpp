#include "validate/fit/modular.h"

#include <cstdlib>

namespace flopmeter::fit {
namespace {

constexpr Wide largest = Wide{1} << 30;

}  // namespace

Modular::Modular(std::int64_t value) : Modular(Rational(value)) {}

Modular::Modular(const Rational& value) {
  const auto residue = [](Wide number) {
    const Wide rest = number % Wide{prime};
    return raw(static_cast<std::uint64_t>(rest < 0 ? rest + Wide{prime} : rest));
  };
  *this = value.denominator() == 1
              ? residue(value.numerator())
              : residue(value.numerator()) * residue(value.denominator()).inverse();
}

/// Fermat: x^(p-2) is 1/x.
Modular Modular::inverse() const {
  Modular result = raw(1);
  Modular square = *this;
  for (std::uint64_t bits = prime - 2; bits != 0; bits >>= 1U) {
    result = (bits & 1U) != 0 ? result * square : result;
    square = square * square;
  }
  return result;
}

/// Euclid's algorithm, stopped half-way: P. S. Wang, "A p-adic algorithm for univariate partial
/// fractions", 1981.
std::optional<Rational> Modular::rational() const {
  Wide r0 = Wide{prime};
  Wide r1 = Wide{value_};
  Wide t0 = 0;
  Wide t1 = 1;
  while (r1 > largest) {
    const Wide quotient = r0 / r1;
    const Wide r2 = r0 - quotient * r1;
    const Wide t2 = t0 - quotient * t1;
    r0 = r1;
    r1 = r2;
    t0 = t1;
    t1 = t2;
  }
  if (t1 > largest || t1 < -largest) {
    return std::nullopt;
  }
  return Rational(r1, t1);
}

Modular power(Modular base, int exponent) {
  Modular result(1);
  for (int i = 0; i < std::abs(exponent); ++i) {
    result = result * base;
  }
  return exponent < 0 ? result.inverse() : result;
}

}  // namespace flopmeter::fit
