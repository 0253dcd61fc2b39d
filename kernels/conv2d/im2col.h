// Convolution as matrix products: y (oc x oh*ow) = w (oc x ic*kh*kw) * columns (ic*kh*kw x oh*ow),
// for each sample and group, a block of the columns at a time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/conv2d/conv2d.h"

namespace flopmeter::conv2d {

/// How the columns are cut: so many input channels by so many output pixels. A function of the
/// shape alone, because the counts depend on it.
struct Blocks {
  std::int64_t channels;
  std::int64_t pixels;
  bool direct;  // the input itself is the matrix of columns
};

inline Blocks blocks_of(const Shape& s) {
  const std::int64_t channels = s.ic / s.g;
  if (s.kh * s.kw * s.sh * s.sw == 1 && s.ph + s.pw == 0 && s.oh == s.ih && s.ow == s.iw) {
    return {channels, s.oh * s.ow, true};
  }
  // Half of a 1 MiB L2 cache; the rest is for Eigen's own packed copy. The depth is one that Eigen
  // cuts once or not at all, the pixels are whole register blocks for every vector length.
  constexpr std::int64_t elements = 131072;
  constexpr std::int64_t depth = 576;
  constexpr std::int64_t register_block = 48;
  const std::int64_t taps = s.kh * s.kw;
  const std::int64_t block_channels = std::clamp<std::int64_t>(depth / taps, 1, channels);
  const std::int64_t fitting = elements / (block_channels * taps) / register_block;
  const std::int64_t pixels = std::max<std::int64_t>(fitting, 1) * register_block;
  return {block_channels, std::min(pixels, s.oh * s.ow), false};
}

/// A range of input channels of one group by a range of output pixels.
struct Part {
  std::int64_t first_channel, channels;
  std::int64_t first_pixel, pixels;
};

template <class T>
void copy_strided(const T* from, std::int64_t stride, std::int64_t count, T* to) {
  if (stride == 1) {
    for (std::int64_t i = 0; i < count; ++i) {
      to[i] = from[i];
    }
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    to[i] = from[i * stride];
  }
}

/// What tap (i, j) sees at the part's pixels; zeros in the padding. x is one channel.
template <class T>
void gather_tap(const Shape& s, const Part& part, const T* x, std::int64_t i, std::int64_t j,
                T* to) {
  const Axis vertical = s.vertical();
  const Axis horizontal = s.horizontal();
  const OutputRange inside = horizontal.outputs(j);
  std::int64_t oy = part.first_pixel / s.ow;
  std::int64_t from = part.first_pixel % s.ow;
  for (std::int64_t left = part.pixels; left > 0; ++oy, from = 0) {
    const std::int64_t until = std::min(from + left, s.ow);
    const std::int64_t iy = vertical.input(oy, i);
    const bool row_inside = iy >= 0 && iy < s.ih;
    const std::int64_t begin = row_inside ? std::clamp(inside.begin, from, until) : until;
    const std::int64_t end = row_inside ? std::clamp(inside.end, begin, until) : until;
    std::fill(to, to + (begin - from), T(0));
    if (begin < end) {
      copy_strided(x + iy * s.iw + horizontal.input(begin, j), s.sw, end - begin,
                   to + (begin - from));
    }
    std::fill(to + (end - from), to + (until - from), T(0));
    to += until - from;
    left -= until - from;
  }
}

/// The columns of a part, one row for each channel and tap. x is the part's first channel.
template <class T>
void gather_columns(const Shape& s, const Part& part, const T* x, T* columns) {
  for (std::int64_t c = 0; c < part.channels; ++c) {
    for (std::int64_t i = 0; i < s.kh; ++i) {
      for (std::int64_t j = 0; j < s.kw; ++j) {
        gather_tap(s, part, x + c * s.ih * s.iw, i, j, columns);
        columns += part.pixels;
      }
    }
  }
}

}  // namespace flopmeter::conv2d
