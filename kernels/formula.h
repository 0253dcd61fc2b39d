// What the shape alone says about a layer.
#pragma once

#include <cstdint>

#include "counters/op_counts.h"

namespace flopmeter {

/// Closed forms. `dense` takes every tap, as published counters do; `in_bounds` only taps that
/// touch real input. They are the same where there is no padding.
struct Formula {
  std::int64_t parameters = 0;
  OpCounts dense;
  OpCounts in_bounds;
};

/// The formula of a layer whose every tap is real.
inline Formula unpadded(std::int64_t parameters, const OpCounts& counts) {
  return {parameters, counts, counts};
}

/// How far a backend's output y may be from the truth t: |y - t| <= absolute + relative * |t|.
struct Tolerance {
  double absolute = 0;
  double relative = 0;
};

}  // namespace flopmeter
