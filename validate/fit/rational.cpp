#include "validate/fit/rational.h"

#include <cmath>

#include "counters/op_counts.h"

namespace flopmeter::fit {
namespace {

constexpr std::int64_t largest_denominator = 100'000;

[[noreturn]] void overflow() { throw CountOverflow("a fraction left the range of 128 bits"); }

Wide product(Wide a, Wide b) {
  Wide result = 0;
  if (__builtin_mul_overflow(a, b, &result)) {
    overflow();
  }
  return result;
}

Wide sum(Wide a, Wide b) {
  Wide result = 0;
  if (__builtin_add_overflow(a, b, &result)) {
    overflow();
  }
  return result;
}

}  // namespace

Wide gcd(Wide a, Wide b) {
  while (b != 0) {
    const Wide rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

Rational::Rational(Wide numerator, Wide denominator) {
  if (denominator == 0) {
    throw CountOverflow("a fraction has 0 as its denominator");
  }
  const Wide common =
      gcd(numerator < 0 ? -numerator : numerator, denominator < 0 ? -denominator : denominator);
  const Wide sign = denominator < 0 ? -1 : 1;
  numerator_ = sign * (numerator / common);
  denominator_ = sign * (denominator / common);
}

Rational Rational::operator+(const Rational& other) const {
  return {sum(product(numerator_, other.denominator_), product(other.numerator_, denominator_)),
          product(denominator_, other.denominator_)};
}

Rational Rational::operator-(const Rational& other) const { return *this + Rational(-1) * other; }

Rational Rational::operator*(const Rational& other) const {
  return {product(numerator_, other.numerator_), product(denominator_, other.denominator_)};
}

Rational power(std::int64_t base, int exponent) {
  Rational result(1);
  for (int i = 0; i < std::abs(exponent); ++i) {
    result = result * Rational(base);
  }
  return exponent < 0 ? result.inverse() : result;
}

// Continued fractions: each step's fraction is the best of its size.
std::optional<Rational> to_rational(double value) {
  if (!std::isfinite(value) || std::abs(value) > 9007199254740992.0) {
    return std::nullopt;
  }
  double rest = value;
  std::int64_t before_n = 1;
  std::int64_t before_d = 0;
  auto n = static_cast<std::int64_t>(std::floor(value));
  std::int64_t d = 1;
  const double tolerance = 1e-12 * std::abs(value);
  while (std::abs(static_cast<double>(n) / static_cast<double>(d) - value) > tolerance) {
    rest = 1 / (rest - std::floor(rest));
    if (!std::isfinite(rest) || rest > 1e9) {
      return std::nullopt;
    }
    const auto whole = static_cast<std::int64_t>(std::floor(rest));
    std::int64_t next_n = 0;
    if (__builtin_mul_overflow(whole, n, &next_n) ||
        __builtin_add_overflow(next_n, before_n, &next_n)) {
      return std::nullopt;
    }
    const std::int64_t next_d = whole * d + before_d;
    before_n = n;
    before_d = d;
    n = next_n;
    d = next_d;
    if (d > largest_denominator) {
      return std::nullopt;
    }
  }
  return Rational(n, d);
}

}  // namespace flopmeter::fit
