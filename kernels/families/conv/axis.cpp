#include "kernels/families/conv/axis.h"

#include <algorithm>

#include "counters/op_counts.h"

namespace flopmeter::conv {

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

Axis Axis::padded_out() const {
  Axis padded = *this;
  padded.in = checked_add(checked_add(in, pad), std::max<std::int64_t>(pad_after(), 0));
  padded.pad = 0;
  return padded;
}

// One interval of outputs a tap. An output is covered when it lies in any of them; they move down
// from tap to tap, so that each adds what lies below all before it.
Axis::Coverage Axis::coverage() const {
  Coverage coverage{0, 0, 0, 0};
  std::int64_t covered_from = out;
  for (std::int64_t i = 0; i < kernel; ++i) {
    const OutputRange range = outputs(i);
    coverage.taps = checked_add(coverage.taps, range.length());
    coverage.kernel += range.length() > 0 ? 1 : 0;
    coverage.inputs += first_outputs(i).length();
    coverage.outputs += std::max<std::int64_t>(std::min(range.end, covered_from) - range.begin, 0);
    covered_from = std::min(covered_from, range.begin);
  }
  return coverage;
}

}  // namespace flopmeter::conv
