#include "kernels/log_softmax/log_softmax.h"

namespace flopmeter::log_softmax {

OpCounts Layer::row_operations(std::int64_t c, Pass pass) {
  const std::int64_t twice = checked_add(c, c - 1);
  if (pass == Pass::forward) {
    return {
        .adds = checked_add(twice, c), .exponentials = c, .logarithms = 1, .comparisons = c - 1};
  }
  return {.multiplies = c, .adds = twice, .exponentials = c};
}

/// Forward, the logarithm is off by the relative error of the sum, and its own rounding and that of
/// y are those of a number up to 2 + ln c. oneDNN's logarithm errs by up to 60 roundings besides
/// (that of 1 is -1.4e-6), with SSE 4.1 by up to 120. Backward, the sum of dy is one of c terms of
/// either sign, as in a product with ones, and an exp of at most largest_share multiplies it.
Tolerance Layer::tolerance(const Shape& s, Pass pass, Dtype dtype) {
  constexpr double logarithm = 120;
  const auto c = static_cast<double>(s.c);
  const double share = softmax_rows::largest_share(s);
  const double roundings = pass == Pass::forward
                               ? softmax_rows::sum_roundings(s) + 2 * (2 + std::log(c)) + logarithm
                               : 4 + 4 * c * share;
  return {.absolute = roundings * unit_roundoff(Dtype::f32), .relative = 2 * unit_roundoff(dtype)};
}

}  // namespace flopmeter::log_softmax
