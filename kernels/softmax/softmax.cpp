#include "kernels/softmax/softmax.h"

namespace flopmeter::softmax {

OpCounts Layer::row_operations(std::int64_t c, Pass pass) {
  if (pass == Pass::forward) {
    return {.adds = checked_add(c, c - 1), .divides = c, .exponentials = c, .comparisons = c - 1};
  }
  return sums_of_products(1, c, false) + OpCounts{.multiplies = c, .adds = c};
}

/// Forward, each y is off by the error of the sum and of its own exp, relative to itself; oneDNN
/// stores the exp as dtype before it divides, which rounds once more. Backward, the sum of y dy is
/// a mean of dy with the weights y: its error is of the size of one rounding of dy for each of
/// sqrt(c) steps, and y multiplies it.
Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  const double sum = softmax_rows::sum_roundings(s) * unit_roundoff(Dtype::f32);
  if (pass == Pass::forward) {
    const double exponential = 4 * unit_roundoff(Dtype::f32);
    return {.absolute = 0, .relative = sum + exponential + 3 * unit_roundoff(dtype)};
  }
  return {.absolute = sum * softmax_rows::largest_share(s), .relative = 2 * unit_roundoff(dtype)};
}

}  // namespace flopmeter::softmax
