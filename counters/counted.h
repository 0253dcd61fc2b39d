// A scalar that counts what is done to it: run any templated kernel on Counted<T> and read the
// tally.
//
// The tally is a plain struct, one a thread, bumped by inline code: the compiler keeps the counters
// in registers, and turns a loop's increments into one addition where it vectorises the loop (GCC),
// so that counting costs next to nothing. An increment cannot overflow in practice (2^63 steps are
// centuries); sums and products of counts are checked in OpCounts.
#pragma once

#include <cmath>
#include <type_traits>
#include <utility>

#include "counters/op_counts.h"

namespace flopmeter {

/// What Counted scalars on this thread have done so far.
inline thread_local constinit OpCounts tally;

template <class T>
struct Counted;

/// The value of a multiply that has not been used yet. Adding it makes the pair a MAC.
template <class T>
struct Product {
  T value;
};

/// The home of functions after which a layer, and so a namespace beside Counted, is named. Counted
/// arguments find them here by the base class.
namespace elementary {
struct Scalar {};
}  // namespace elementary

/// A T whose arithmetic is counted in `tally`. Same size and layout as T.
template <class T>
struct Counted : elementary::Scalar {
  T value;

  Counted() = default;
  constexpr Counted(T v) : value(v) {}  // NOLINT(google-explicit-constructor): constants are free
  constexpr Counted(Product<T> p) : value(p.value) {}  // NOLINT(google-explicit-constructor)
  template <class U>
  requires(std::is_arithmetic_v<U> && !std::is_same_v<U, T>) explicit constexpr Counted(U v)
      : value(static_cast<T>(v)) {}

  /// Another counted type: one conversion.
  template <class U>
  requires(!std::is_same_v<U, T>) explicit Counted(Counted<U> other)
      : value(static_cast<T>(other.value)) {
    ++tally.conversions;
  }
  explicit constexpr operator T() const { return value; }

  Counted& operator+=(Product<T> p) {
    ++tally.macs;
    ++tally.adds;
    value += p.value;
    return *this;
  }
  Counted& operator+=(Counted other) {
    ++tally.adds;
    value += other.value;
    return *this;
  }
  Counted& operator-=(Counted other) {
    ++tally.adds;
    value -= other.value;
    return *this;
  }
  Counted& operator*=(Counted other) {
    ++tally.multiplies;
    value *= other.value;
    return *this;
  }
  Counted& operator/=(Counted other) {
    ++tally.divides;
    value /= other.value;
    return *this;
  }

  // Friends rather than templates, so that a Product or a T converts on either side.
  friend Product<T> operator*(Counted a, Counted b) {
    ++tally.multiplies;
    return {a.value * b.value};
  }
  friend Counted operator/(Counted a, Counted b) {
    ++tally.divides;
    return a.value / b.value;
  }
  friend Counted operator+(Counted a, Counted b) {
    ++tally.adds;
    return a.value + b.value;
  }
  friend Counted operator-(Counted a, Counted b) {
    ++tally.adds;
    return a.value - b.value;
  }
  friend Counted operator+(Counted a, Product<T> p) { return a += p; }
  friend Counted operator+(Product<T> p, Counted a) { return a += p; }
  friend Counted operator+(Product<T> p, Product<T> q) { return Counted(p) += q; }
  friend Counted operator-(Counted a) { return -a.value; }  // a sign bit, not an operation

  friend bool operator<(Counted a, Counted b) { return compared(a.value < b.value); }
  friend bool operator>(Counted a, Counted b) { return compared(a.value > b.value); }
  friend bool operator<=(Counted a, Counted b) { return compared(a.value <= b.value); }
  friend bool operator>=(Counted a, Counted b) { return compared(a.value >= b.value); }
  friend bool operator==(Counted a, Counted b) { return compared(a.value == b.value); }
  friend bool operator!=(Counted a, Counted b) { return compared(a.value != b.value); }

 private:
  static bool compared(bool result) {
    ++tally.comparisons;
    return result;
  }
};

static_assert(sizeof(Counted<float>) == sizeof(float));

/// Starts an accumulator at its first product: a MAC and a multiply, but no add.
template <class T>
Counted<T> start_sum(Product<T> first) {
  ++tally.macs;
  return first;
}
inline float start_sum(float first) { return first; }
inline double start_sum(double first) { return first; }

/// acc + a * b in one rounding, counted as one fused pair.
template <class T>
Counted<T> fma(Counted<T> a, Counted<T> b, Counted<T> acc) {
  ++tally.fmas;
  ++tally.macs;
  ++tally.multiplies;
  ++tally.adds;
  return std::fma(a.value, b.value, acc.value);
}

/// max and min: one comparison each.
template <class T>
Counted<T> max(Counted<T> a, Counted<T> b) {
  return a < b ? b : a;
}
template <class T>
Counted<T> min(Counted<T> a, Counted<T> b) {
  return b < a ? b : a;
}

template <class T>
Counted<T> sqrt(Counted<T> x) {
  ++tally.square_roots;
  return std::sqrt(x.value);
}
template <class T>
Counted<T> exp(Counted<T> x) {
  ++tally.exponentials;
  return std::exp(x.value);
}
template <class T>
Counted<T> log(Counted<T> x) {
  ++tally.logarithms;
  return std::log(x.value);
}
namespace elementary {
template <class T>
Counted<T> tanh(Counted<T> x) {
  ++tally.tanhs;
  return std::tanh(x.value);
}
}  // namespace elementary
template <class T>
Counted<T> erf(Counted<T> x) {
  ++tally.erfs;
  return std::erf(x.value);
}

/// Sines, cosines, tangents and their inverses.
template <class T>
Counted<T> sin(Counted<T> x) {
  ++tally.trigonometrics;
  return std::sin(x.value);
}
template <class T>
Counted<T> cos(Counted<T> x) {
  ++tally.trigonometrics;
  return std::cos(x.value);
}
template <class T>
Counted<T> tan(Counted<T> x) {
  ++tally.trigonometrics;
  return std::tan(x.value);
}
template <class T>
Counted<T> asin(Counted<T> x) {
  ++tally.trigonometrics;
  return std::asin(x.value);
}
template <class T>
Counted<T> acos(Counted<T> x) {
  ++tally.trigonometrics;
  return std::acos(x.value);
}
template <class T>
Counted<T> atan(Counted<T> x) {
  ++tally.trigonometrics;
  return std::atan(x.value);
}

/// To whole numbers: down, up, towards zero, and to the nearest with halves to even ones.
template <class T>
Counted<T> floor(Counted<T> x) {
  ++tally.roundings;
  return std::floor(x.value);
}
template <class T>
Counted<T> ceil(Counted<T> x) {
  ++tally.roundings;
  return std::ceil(x.value);
}
template <class T>
Counted<T> trunc(Counted<T> x) {
  ++tally.roundings;
  return std::trunc(x.value);
}
template <class T>
Counted<T> rint(Counted<T> x) {
  ++tally.roundings;
  return std::rint(x.value);
}

/// A sign bit cleared, not an operation.
template <class T>
Counted<T> abs(Counted<T> x) {
  return std::abs(x.value);
}

/// Runs `work` and returns what Counted scalars did on this thread meanwhile.
template <class Work>
OpCounts count_operations(Work&& work) {
  const OpCounts before = std::exchange(tally, OpCounts{});
  std::forward<Work>(work)();
  return std::exchange(tally, before);
}

}  // namespace flopmeter
