// The loops of the definitions: over the outputs of a plane, and over the inputs that one sees.
#pragma once

#include "kernels/families/pooling/axis.h"

namespace flopmeter::pooling {

/// Calls visit(index, position) for the outputs of a plane, in the order they lie in.
template <class A, class Visit>
void for_each_output(const Space<A>& axes, const Visit& visit) {
  std::int64_t index = 0;
  for (std::int64_t z = 0; z < axes[0].out; ++z) {
    for (std::int64_t y = 0; y < axes[1].out; ++y) {
      for (std::int64_t x = 0; x < axes[2].out; ++x, ++index) {
        visit(index, Space<std::int64_t>{z, y, x});
      }
    }
  }
}

template <class A>
Space<Window> windows(const Space<A>& axes, const Space<std::int64_t>& output) {
  return {window(axes[0], output[0]), window(axes[1], output[1]), window(axes[2], output[2])};
}

/// Real inputs in all three directions.
inline std::int64_t inputs(const Space<Window>& w) { return w[0].count * w[1].count * w[2].count; }

/// Calls visit(index, tap) for the inputs of a plane that an output sees, in the order they lie in:
/// the index in the plane, and which of the window's real inputs it is along each axis.
template <class A, class Visit>
void for_each_input(const Space<A>& axes, const Space<Window>& w, const Visit& visit) {
  for (std::int64_t z = 0; z < w[0].count; ++z) {
    for (std::int64_t y = 0; y < w[1].count; ++y) {
      const std::int64_t row = (w[0].input(z) * axes[1].in + w[1].input(y)) * axes[2].in;
      for (std::int64_t x = 0; x < w[2].count; ++x) {
        visit(row + w[2].input(x), Space<std::int64_t>{z, y, x});
      }
    }
  }
}

}  // namespace flopmeter::pooling
