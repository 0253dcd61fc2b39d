// Depthwise convolution, one channel at a time: only the taps that touch real input.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/conv2d/conv2d.h"
#include "kernels/conv2d/out_range.h"

namespace flopmeter::conv2d {

/// The input, weights, bias (or null) and output of one channel of one sample.
template <class T>
struct Plane {
  const T* x;
  const T* w;
  const T* bias;
  T* y;
};

/// sum[lane] += x[lane * step] * w for begin <= lane < end. The fixed number of lanes keeps the sums in
/// vector registers; a part of them is a mask, where the machine has masked loads.
template <int lanes, int stride, class T>
inline void add_tap(const T* x, std::int64_t step, T w, int begin, int end, T* sum) {
  if (begin == 0 && end == lanes) {
    for (int lane = 0; lane < lanes; ++lane) {
      sum[lane] += x[lane * (stride != 0 ? stride : step)] * w;
    }
    return;
  }
  for (int lane = 0; lane < lanes; ++lane) {
    if (lane >= begin && lane < end) {
      sum[lane] += x[lane * (stride != 0 ? stride : step)] * w;
    }
  }
}

/// Sums start at the bias or at zero, so that a tap is one multiply and one add.
class Depthwise {
 public:
  explicit Depthwise(const Shape& s) : s_(s) {
    for (std::int64_t j = 0; j < s.kw; ++j) {
      columns_.push_back(outputs_of_tap(s.horizontal(), j));
    }
  }

  template <class T>
  void operator()(const Plane<T>& plane) const {
    for (std::int64_t oy = 0; oy < s_.oh; ++oy) {
      if (s_.sw == 1) {
        row<1>(plane, oy);
      } else if (s_.sw == 2) {
        row<2>(plane, oy);
      } else {
        row<0>(plane, oy);
      }
    }
  }

 private:
  /// `stride` is s_.sw, or 0 where it is known at run time only.
  template <int stride, class T>
  void row(const Plane<T>& plane, std::int64_t oy) const {
    const TapRange taps = s_.vertical().taps(oy);
    std::int64_t ox = 0;
    for (; s_.ow - ox > 16; ox += 32) {
      group<32, stride>(plane, oy, taps, ox);
    }
    for (; s_.ow - ox > 8; ox += 16) {
      group<16, stride>(plane, oy, taps, ox);
    }
    for (; s_.ow - ox > 0; ox += 8) {
      group<8, stride>(plane, oy, taps, ox);
    }
  }

  /// Neighbouring outputs from ox on.
  template <int lanes, int stride, class T>
  void group(const Plane<T>& plane, std::int64_t oy, const TapRange& taps, std::int64_t ox) const {
    T sum[lanes];
    std::fill_n(sum, lanes, plane.bias != nullptr ? *plane.bias : T(0));
    for (std::int64_t i = taps.begin; i < taps.end; ++i) {
      const T* row = plane.x + s_.vertical().input(oy, i) * s_.iw;
      for (std::int64_t j = 0; j < s_.kw; ++j) {
        const OutRange& inside = columns_[static_cast<std::size_t>(j)];
        const auto begin = static_cast<int>(std::clamp<std::int64_t>(inside.begin - ox, 0, lanes));
        const auto end = static_cast<int>(std::clamp<std::int64_t>(inside.end - ox, 0, lanes));
        add_tap<lanes, stride>(row + s_.horizontal().input(ox, j), s_.sw, plane.w[i * s_.kw + j],
                               begin, end, sum);
      }
    }
    std::copy_n(sum, std::min<std::int64_t>(lanes, s_.ow - ox), plane.y + oy * s_.ow + ox);
  }

  Shape s_;
  std::vector<OutRange> columns_;  // for each column of taps, the outputs for which it is in bounds
};

}  // namespace flopmeter::conv2d
