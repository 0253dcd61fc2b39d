#include "kernels/tolerance.h"

#include "kernels/bad_input.h"

namespace flopmeter {

Tolerance sum_tolerance(std::int64_t terms, Dtype dtype) {
  Tolerance tolerance;
  tolerance.absolute = 4 * static_cast<double>(terms) * unit_roundoff(Dtype::f32);
  // Twice the roundoff: the accumulator's own error may tip the final rounding over.
  tolerance.relative = 2 * unit_roundoff(dtype);
  return tolerance;
}

void check_flag(std::string_view layer, std::string_view key, std::int64_t value) {
  if (value != 0 && value != 1) {
    bad_input("{}: {} is {}, must be 0 or 1", layer, key, value);
  }
}

}  // namespace flopmeter
