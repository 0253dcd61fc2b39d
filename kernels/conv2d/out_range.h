// One spatial axis the other way round: which outputs a tap serves.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/conv2d/axis.h"

namespace flopmeter::conv2d {

/// Outputs begin <= o < end.
struct OutRange {
  std::int64_t begin;
  std::int64_t end;
};

/// The outputs for which tap j touches real input.
inline OutRange outputs_of_tap(const Axis& axis, std::int64_t j) {
  const auto outputs_before = [&](std::int64_t position) {
    const std::int64_t distance = position - axis.input(0, j);
    return distance <= 0 ? 0 : std::min((distance - 1) / axis.stride + 1, axis.out);
  };
  return {outputs_before(0), outputs_before(axis.in)};
}

}  // namespace flopmeter::conv2d
