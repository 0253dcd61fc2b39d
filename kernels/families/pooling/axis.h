// One spatial axis of a pooling layer: which inputs each output sees.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>

#include "counters/op_counts.h"
#include "kernels/families/conv/axis.h"

namespace flopmeter::pooling {

/// The real inputs that one output sees along one axis: `count` of them from `first` on, every
/// `step`-th. `tap` is the position of the first one in the window with its padding.
struct Window {
  std::int64_t first, count, step, tap;

  std::int64_t input(std::int64_t i) const { return first + i * step; }
};

/// Windows of one size that slide along, as a kernel does.
using conv::Axis;

inline Window window(const Axis& axis, std::int64_t o) {
  const auto [begin, end] = axis.taps(o);
  return {axis.input(o, begin), end - begin, axis.gap + 1, begin};
}
/// Taps on real input, of all outputs. Throws CountOverflow.
inline std::int64_t taps(const Axis& axis) { return axis.coverage().taps; }

/// PyTorch's adaptive windows: output o sees floor(o*in/out) <= i < ceil((o+1)*in/out).
struct AdaptiveAxis {
  std::int64_t in, out;

  bool operator==(const AdaptiveAxis&) const = default;
};

inline Window window(const AdaptiveAxis& axis, std::int64_t o) {
  const std::int64_t first = o * axis.in / axis.out;
  return {first, ((o + 1) * axis.in - 1) / axis.out + 1 - first, 1, 0};
}
/// Inputs that the outputs see, all together. Neighbours share an input where their border is no
/// integer, which (o+1)*in/out is for gcd(in, out) outputs. Throws CountOverflow.
inline std::int64_t taps(const AdaptiveAxis& axis) {
  return checked_add(axis.in, axis.out - std::gcd(axis.in, axis.out));
}

/// Depth, height and width.
template <class Of>
using Space = std::array<Of, 3>;

/// The lengths of one side of the axes.
template <class A>
Space<std::int64_t> lengths(const Space<A>& axes, std::int64_t A::*side) {
  return {axes[0].*side, axes[1].*side, axes[2].*side};
}

/// Their product. Throws CountOverflow.
inline std::int64_t volume(const Space<std::int64_t>& sizes) {
  return checked_product(sizes[0], sizes[1], sizes[2]);
}

/// Inputs that one plane's outputs see, all together. The axes are independent, so their counts
/// multiply. Throws CountOverflow.
template <class A>
std::int64_t taps(const Space<A>& axes) {
  return checked_product(taps(axes[0]), taps(axes[1]), taps(axes[2]));
}

}  // namespace flopmeter::pooling
