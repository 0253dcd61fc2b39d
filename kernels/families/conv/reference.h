// The three ways in which input x, weights w and output y of a convolution make one of the others,
// in plain loops. T: float, double, Counted<float>, Counted<double>.
//   x: mb x ic x (id*ih*iw), w: oc x ic/g x (kd*kh*kw), y: mb x oc x (od*oh*ow)
#pragma once

#include "counters/op_counts.h"
#include "kernels/families/conv/shape.h"

namespace flopmeter::conv {

template <class T>
struct Loops {
  /// Each output gathers what its taps touch: y = b + sum of x * w. The bias may be null.
  static void gather(const Shape&, const T* x, const T* w, const T* bias, T* y);

  /// Each output is scattered to what its taps touch: x = b + sum of y * w. The bias, one number a
  /// channel of x, may be null.
  static void scatter(const Shape&, const T* y, const T* w, const T* bias, T* x);

  /// Each weight correlates its inputs with its outputs: w = sum of x * y.
  static void correlate(const Shape&, const T* x, const T* y, T* w);

  /// Sums of all pixels and samples of y, one a channel: the gradient of a bias.
  static void sum_outputs(const Shape&, const T* y, T* sums);
};

/// What they do. Taps in the padding do nothing.
OpCounts gather_counts(const Shape&, bool bias);
OpCounts scatter_counts(const Shape&, bool bias);
OpCounts correlate_counts(const Shape&);
OpCounts sum_outputs_counts(const Shape&);

/// The most products in one sum of each.
std::int64_t gather_terms(const Shape&);
std::int64_t scatter_terms(const Shape&);
std::int64_t correlate_terms(const Shape&);

}  // namespace flopmeter::conv
