// Arithmetic modulo the prime 2^61 - 1: exact elimination without fractions that grow.
#pragma once

#include <cstdint>
#include <optional>

#include "validate/fit/rational.h"

namespace flopmeter::fit {

inline constexpr std::uint64_t prime = (std::uint64_t{1} << 61) - 1;

/// A number modulo the prime.
class Modular {
 public:
  Modular() = default;
  explicit Modular(std::int64_t value);
  /// The denominator is no multiple of the prime.
  explicit Modular(const Rational& value);

  Modular operator+(Modular other) const { return raw(reduced(value_ + other.value_)); }
  Modular operator-(Modular other) const { return raw(reduced(value_ + prime - other.value_)); }
  Modular operator*(Modular other) const;
  Modular inverse() const;
  bool zero() const { return value_ == 0; }
  bool operator==(const Modular&) const = default;

  /// The fraction of numerator and denominator below 2^30 that this stands for.
  std::optional<Rational> rational() const;

 private:
  static std::uint64_t reduced(std::uint64_t value) {
    return value >= prime ? value - prime : value;
  }
  static Modular raw(std::uint64_t value) {
    Modular result;
    result.value_ = value;
    return result;
  }

  std::uint64_t value_ = 0;
};

inline Modular Modular::operator*(Modular other) const {
  __extension__ typedef unsigned __int128 Product;
  const Product product = Product{value_} * other.value_;
  // 2^61 is 1 here, so that the high part adds to the low one.
  return raw(reduced(static_cast<std::uint64_t>(product & prime) +
                     static_cast<std::uint64_t>(product >> 61)));
}

/// base^exponent; the exponent may be negative where the base is not 0.
Modular power(Modular base, int exponent);

}  // namespace flopmeter::fit
