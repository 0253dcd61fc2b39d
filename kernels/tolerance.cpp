#include "kernels/tolerance.h"

#include <algorithm>
#include <cmath>

#include "kernels/bad_input.h"

namespace flopmeter {

Tolerance sum_tolerance(std::int64_t terms, Dtype dtype) {
  Tolerance tolerance;
  tolerance.absolute = 4 * static_cast<double>(terms) * unit_roundoff(Dtype::f32);
  // Twice the roundoff: the accumulator's own error may tip the final rounding over.
  tolerance.relative = 2 * unit_roundoff(dtype);
  return tolerance;
}

Tolerance nested_sums_tolerance(std::initializer_list<std::int64_t> lengths, Dtype dtype) {
  double error = 0;
  double magnitude = 1;
  for (const std::int64_t terms : lengths) {
    const double growth = std::max(1.0, std::sqrt(static_cast<double>(terms)) / 3);
    error = error * growth + magnitude * sum_tolerance(terms, dtype).absolute;
    magnitude *= growth;
  }
  return {error, sum_tolerance(1, dtype).relative};
}

void check_flag(std::string_view layer, std::string_view key, std::int64_t value) {
  if (value != 0 && value != 1) {
    bad_input("{}: {} is {}, must be 0 or 1", layer, key, value);
  }
}

}  // namespace flopmeter
