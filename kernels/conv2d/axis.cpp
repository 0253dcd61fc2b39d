#include "kernels/conv2d/axis.h"

#include <algorithm>

#include "counters/op_counts.h"

namespace flopmeter::conv2d {

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

namespace {

/// Number of outputs o, 0 <= o < out, with low <= o * stride < high.
std::int64_t outputs_between(std::int64_t low, std::int64_t high, std::int64_t stride,
                             std::int64_t out) {
  const auto at_or_after = [&](std::int64_t position) {
    return position <= 0 ? 0 : std::min((position - 1) / stride + 1, out);
  };
  return std::max<std::int64_t>(at_or_after(high) - at_or_after(low), 0);
}

}  // namespace

// Tap i touches real input for the outputs with 0 <= o * stride - pad + i * step < in: one interval
// a tap. An output is covered when it lies in any of these intervals, which move down by `step`
// from tap to tap, so that each adds what lies below all before it.
Axis::Coverage Axis::coverage() const {
  const std::int64_t step = gap + 1;
  Coverage coverage{0, 0};
  std::int64_t covered_from = pad + in;
  for (std::int64_t i = 0; i < kernel; ++i) {
    const std::int64_t low = pad - i * step;
    const std::int64_t high = low + in;
    coverage.taps = checked_add(coverage.taps, outputs_between(low, high, stride, out));
    coverage.outputs += outputs_between(low, std::min(high, covered_from), stride, out);
    covered_from = low;
  }
  return coverage;
}

}  // namespace flopmeter::conv2d
