#include "kernels/pooling/axis.h"

#include <algorithm>

namespace flopmeter::pooling {
namespace {

/// The least integer >= a / b, for b > 0.
std::int64_t quotient_up(std::int64_t a, std::int64_t b) {
  return a > 0 ? (a - 1) / b + 1 : -(-a / b);
}

}  // namespace

std::int64_t Axis::span() const {
  return checked_add(checked_multiply(kernel - 1, checked_add(gap, 1)), 1);
}

std::int64_t Axis::pad_after() const {
  return checked_add(checked_multiply(out - 1, stride), span()) - in - pad;
}

std::int64_t Axis::default_out() const {
  const std::int64_t padded = checked_add(in, checked_multiply(2, pad));
  return padded < span() ? 0 : (padded - span()) / stride + 1;
}

Window Axis::window(std::int64_t o) const {
  const std::int64_t step = gap + 1;
  const std::int64_t begin = std::clamp<std::int64_t>(quotient_up(-input(o, 0), step), 0, kernel);
  const std::int64_t end = std::clamp(quotient_up(in - input(o, 0), step), begin, kernel);
  return {input(o, begin), end - begin, step, begin};
}

// One interval of outputs a tap. They move down from tap to tap, so that each covers what lies
// below all before it.
Axis::Coverage Axis::coverage() const {
  Coverage coverage{0, 0};
  std::int64_t covered_from = out;
  for (std::int64_t i = 0; i < kernel; ++i) {
    const std::int64_t at = input(0, i);
    const std::int64_t begin = std::clamp<std::int64_t>(quotient_up(-at, stride), 0, out);
    const std::int64_t end = std::clamp(quotient_up(in - at, stride), begin, out);
    coverage.taps = checked_add(coverage.taps, end - begin);
    coverage.outputs += std::max<std::int64_t>(std::min(end, covered_from) - begin, 0);
    covered_from = std::min(covered_from, begin);
  }
  return coverage;
}

}  // namespace flopmeter::pooling
