// One spatial axis of a pooling layer: which inputs each output sees.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>

#include "counters/op_counts.h"

namespace flopmeter::pooling {

/// The real inputs that one output sees along one axis: `count` of them from `first` on, every
/// `step`-th. `tap` is the position of the first one in the window with its padding.
struct Window {
  std::int64_t first, count, step, tap;

  std::int64_t input(std::int64_t i) const { return first + i * step; }
};

/// Windows of one size that slide along. in, out, kernel: lengths. pad: before the first input.
/// gap: between taps, 0 for a dense window.
struct Axis {
  std::int64_t in, out, kernel, stride, pad, gap;

  bool operator==(const Axis&) const = default;

  /// Input length from the first tap to the last. Throws CountOverflow.
  std::int64_t span() const;
  /// Padding after the last input that the output length asks for; negative where the last inputs
  /// are not used. Throws CountOverflow.
  std::int64_t pad_after() const;
  /// Output length when the padding is `pad` on both sides; 0 where the window does not fit.
  std::int64_t default_out() const;

  /// The input position of tap i of output o; outside 0 <= . < in it lies in the padding.
  std::int64_t input(std::int64_t o, std::int64_t i) const {
    return o * stride - pad + i * (gap + 1);
  }
  Window window(std::int64_t o) const;

  /// Taps on real input, of all outputs. Throws CountOverflow.
  std::int64_t taps() const { return coverage().taps; }
  /// Whether every output sees some real input.
  bool covered() const { return coverage().outputs == out; }

 private:
  struct Coverage {
    std::int64_t taps, outputs;
  };
  Coverage coverage() const;
};

/// PyTorch's adaptive windows: output o sees floor(o*in/out) <= i < ceil((o+1)*in/out).
struct AdaptiveAxis {
  std::int64_t in, out;

  bool operator==(const AdaptiveAxis&) const = default;

  Window window(std::int64_t o) const {
    const std::int64_t first = o * in / out;
    return {first, ((o + 1) * in - 1) / out + 1 - first, 1, 0};
  }
  /// Inputs that the outputs see, all together. Neighbours share an input where their border is no
  /// integer, which (o+1)*in/out is for gcd(in, out) outputs.
  std::int64_t taps() const { return checked_add(in, out - std::gcd(in, out)); }
};

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
  return checked_product(axes[0].taps(), axes[1].taps(), axes[2].taps());
}

}  // namespace flopmeter::pooling
