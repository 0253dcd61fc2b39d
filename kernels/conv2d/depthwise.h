// Depthwise convolution, one channel at a time: only the taps that touch real input.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/conv2d/conv2d.h"

namespace flopmeter::conv2d {

/// The input, weights, bias (or null) and output of one channel of one sample.
template <class T>
struct Plane {
  const T* x;
  const T* w;
  const T* bias;
  T* y;
};

/// `taps` neighbouring taps of one row of the kernel.
template <class T>
struct Taps {
  const T* x;  // what the first one sees at the first output of the row
  const T* w;
  std::int64_t step;    // in x, to the next tap
  std::int64_t stride;  // in x, to the next output
};

/// Adds the taps to the outputs in `range`. Several at once, because the outputs are loaded and
/// stored once for all of them. `stride` is that of the taps, or 0 where it is known at run time
/// only.
template <int taps, int stride, class T>
void add_taps(const Taps<T>& from, const OutputRange& range, T* __restrict y) {
  for (std::int64_t ox = range.begin; ox < range.end; ++ox) {
    const T* x = from.x + ox * (stride != 0 ? stride : from.stride);
    T sum = y[ox];
    for (int tap = 0; tap < taps; ++tap) {
      sum += x[tap * from.step] * from.w[tap];
    }
    y[ox] = sum;
  }
}

/// Sums start at the bias or at zero, so that each tap is one multiply and one add.
class Depthwise {
 public:
  explicit Depthwise(const Shape& s);

  template <class T>
  void operator()(const Plane<T>& plane) const {
    std::fill_n(plane.y, s_.oh * s_.ow, plane.bias != nullptr ? *plane.bias : T(0));
    for (std::int64_t oy = 0; oy < s_.oh; ++oy) {
      const TapRange taps = s_.vertical().taps(oy);
      for (std::int64_t i = taps.begin; i < taps.end; ++i) {
        const T* x = plane.x + s_.vertical().input(oy, i) * s_.iw - s_.pw;
        add_row(x, plane.w + i * s_.kw, plane.y + oy * s_.ow);
      }
    }
  }

 private:
  template <class T>
  void add_row(const T* x, const T* w, T* y) const {
    if (s_.sw == 1) {
      add_row<1>(x, w, y);
    } else if (s_.sw == 2) {
      add_row<2>(x, w, y);
    } else {
      add_row<0>(x, w, y);
    }
  }

  /// One row of the kernel, to the edges tap by tap.
  template <int stride, class T>
  void add_row(const T* x, const T* w, T* y) const {
    const std::int64_t step = s_.dw + 1;
    for (std::int64_t j = 0; j < s_.kw; ++j) {
      const Taps<T> tap{x + j * step, w + j, step, s_.sw};
      const OutputRange& outputs = outputs_[static_cast<std::size_t>(j)];
      add_taps<1, stride>(tap, {outputs.begin, std::min(outputs.end, inside_.begin)}, y);
      add_taps<1, stride>(tap, {std::max(outputs.begin, inside_.end), outputs.end}, y);
    }
    std::int64_t j = 0;
    for (; j + 3 <= s_.kw; j += 3) {
      add_taps<3, stride>(Taps<T>{x + j * step, w + j, step, s_.sw}, inside_, y);
    }
    for (; j < s_.kw; ++j) {
      add_taps<1, stride>(Taps<T>{x + j * step, w + j, step, s_.sw}, inside_, y);
    }
  }

  Shape s_;
  std::vector<OutputRange> outputs_;  // of each tap of a row
  OutputRange inside_;                // outputs for which every tap of a row is in bounds
};

inline Depthwise::Depthwise(const Shape& s) : s_(s), inside_{0, s.ow} {
  for (std::int64_t j = 0; j < s.kw; ++j) {
    outputs_.push_back(s.horizontal().outputs(j));
    inside_.begin = std::max(inside_.begin, outputs_.back().begin);
    inside_.end = std::min(inside_.end, outputs_.back().end);
  }
  if (inside_.begin >= inside_.end) {
    inside_ = {0, 0};
  }
}

}  // namespace flopmeter::conv2d
