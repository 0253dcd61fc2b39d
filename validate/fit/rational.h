// Fractions of 128-bit integers that say so when they overflow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace flopmeter::fit {

__extension__ typedef __int128 Wide;

/// In lowest terms, the denominator positive. Operators throw CountOverflow.
class Rational {
 public:
  Rational(std::int64_t value = 0) : numerator_(value) {}  // NOLINT(google-explicit-constructor)
  /// `denominator` is not 0.
  Rational(Wide numerator, Wide denominator);

  Wide numerator() const { return numerator_; }
  Wide denominator() const { return denominator_; }

  Rational operator+(const Rational& other) const;
  Rational operator-(const Rational& other) const;
  Rational operator*(const Rational& other) const;
  Rational inverse() const { return {denominator_, numerator_}; }
  bool operator==(const Rational&) const = default;

 private:
  Wide numerator_ = 0;
  Wide denominator_ = 1;
};

/// base^exponent; the exponent may be negative where the base is not 0.
Rational power(std::int64_t base, int exponent);

/// The fraction of a small denominator that the double is the nearest to; empty when there is none.
std::optional<Rational> to_rational(double value);

/// Of non-negative numbers.
Wide gcd(Wide a, Wide b);

}  // namespace flopmeter::fit
