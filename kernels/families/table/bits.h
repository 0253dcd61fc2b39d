// Operations on the bits of whole numbers, which lie in tensors of floating-point numbers.
#pragma once

#include <cstdint>

#include "counters/counted.h"

namespace flopmeter {

namespace bits {

/// The result of a function of the bits of one or two whole numbers: one operation.
template <class T, class F>
T with_bits(T x, const F& f) {
  return static_cast<T>(f(static_cast<std::uint32_t>(x)));
}
template <class T, class F>
Counted<T> with_bits(Counted<T> x, const F& f) {
  ++tally.bit_operations;
  return with_bits(x.value, f);
}
template <class T, class F>
T with_bits(T a, T b, const F& f) {
  return static_cast<T>(f(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b)));
}
template <class T, class F>
Counted<T> with_bits(Counted<T> a, Counted<T> b, const F& f) {
  ++tally.bit_operations;
  return with_bits(a.value, b.value, f);
}

}  // namespace bits
}  // namespace flopmeter
