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

// One interval of outputs a tap. An output is covered when it lies in any of them; they move down
// from tap to tap, so that each adds what lies below all before it.
Axis::Coverage Axis::coverage() const {
  Coverage coverage{0, 0};
  std::int64_t covered_from = out;
  for (std::int64_t i = 0; i < kernel; ++i) {
    const OutputRange range = outputs(i);
    coverage.taps = checked_add(coverage.taps, range.end - range.begin);
    coverage.outputs += std::max<std::int64_t>(std::min(range.end, covered_from) - range.begin, 0);
    covered_from = std::min(covered_from, range.begin);
  }
  return coverage;
}

}  // namespace flopmeter::conv2d
