// What definitions of functions are written with, so that one text serves scalars and, where it may be,
// Eigen's arrays of them.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <unsupported/Eigen/SpecialFunctions>

#include "kernels/eigen/counted_scalar.h"

namespace Eigen::internal {

/// One erf, as exp and tanh of other scalars than float are one call in Eigen; its erf would
/// otherwise be counted as the polynomials that it is for them.
template <class T>
struct erf_impl<flopmeter::Counted<T>> {
  static flopmeter::Counted<T> run(flopmeter::Counted<T> x) { return flopmeter::erf(x); }
};

}  // namespace Eigen::internal

namespace flopmeter::elementwise {

template <class X>
concept ArrayExpression = requires {
  typename X::PlainObject;
};

template <class X>
struct ScalarOf {
  using type = X;
};
template <ArrayExpression X>
struct ScalarOf<X> {
  using type = typename X::Scalar;
};
/// The type of one element.
template <class X>
using Element = typename ScalarOf<X>::type;

/// A product that is stored.
template <class T>
requires(!ArrayExpression<T>) T times(T a, T b) { return a * b; }
template <class A, class B>
requires(ArrayExpression<A> || ArrayExpression<B>) auto times(const A& a, const B& b) {
  return a * b;
}

template <class X>
auto at_least(const X& x, Element<X> bound) {
  if constexpr (ArrayExpression<X>) {
    return x.max(bound);
  } else {
    using std::max;
    return max(x, bound);
  }
}
template <class X>
auto at_most(const X& x, Element<X> bound) {
  if constexpr (ArrayExpression<X>) {
    return x.min(bound);
  } else {
    using std::min;
    return min(x, bound);
  }
}

/// One of two values, by a comparison that has been counted. Both are there before, whatever the
/// data, as in vector code.
template <class T>
T select(bool condition, T yes, T no) {
  return condition ? yes : no;
}

/// In another number type: one conversion.
inline float converted(float x) { return x; }
inline double converted(double x) { return x; }
template <class T>
Counted<T> converted(Counted<T> x) {
  ++tally.conversions;
  return x;
}

}  // namespace flopmeter::elementwise
