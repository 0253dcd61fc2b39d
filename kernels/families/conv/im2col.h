// Convolution as matrix products: y (oc x pixels) = w (oc x ic*taps) * columns (ic*taps x pixels),
// for each sample and group, a block of the columns at a time.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "kernels/families/conv/shape.h"

namespace flopmeter::conv {

/// How the columns are cut: so many input channels by so many output pixels. A function of the
/// shape alone, because the counts depend on it.
struct Blocks {
  std::int64_t channels;
  std::int64_t pixels;
  bool direct;  // the input itself is the matrix of columns
};

/// Whether each output sees the input of its own position alone.
inline bool same_positions(const Axis& axis) {
  return axis.kernel == 1 && axis.stride == 1 && axis.pad == 0 && axis.out == axis.in;
}

inline Blocks blocks_of(const Shape& s) {
  const std::int64_t channels = s.ic / s.g;
  if (std::ranges::all_of(s.axes(), same_positions)) {
    return {channels, s.out_pixels(), true};
  }
  // Half of a 1 MiB L2 cache; the rest is for Eigen's own packed copy. The depth is one that Eigen
  // cuts once or not at all, the pixels are whole register blocks for every vector length.
  constexpr std::int64_t elements = 131072;
  constexpr std::int64_t depth = 576;
  constexpr std::int64_t register_block = 48;
  const std::int64_t taps = s.taps();
  const std::int64_t block_channels = std::clamp<std::int64_t>(depth / taps, 1, channels);
  const std::int64_t fitting = elements / (block_channels * taps) / register_block;
  const std::int64_t pixels = std::max<std::int64_t>(fitting, 1) * register_block;
  return {block_channels, std::min(pixels, s.out_pixels()), false};
}

/// A range of input channels of one group by a range of output pixels.
struct Part {
  std::int64_t first_channel, channels;
  std::int64_t first_pixel, pixels;
};

/// What a tap sees along one output row of a part: of `length` outputs, those from `begin` to `end`
/// touch real input, the first of them element `at` of the channel.
struct Run {
  std::int64_t length, begin, end, at;
};

/// Calls visit(run) for each output row of the part and tap (k, i, j).
template <class Visit>
void for_each_run(const Shape& s, const Part& part, std::int64_t k, std::int64_t i, std::int64_t j,
                  const Visit& visit) {
  const OutputRange inside = s.horizontal().outputs(j);
  std::int64_t from = part.first_pixel % s.ow;
  std::int64_t oy = part.first_pixel / s.ow % s.oh;
  std::int64_t oz = part.first_pixel / s.ow / s.oh;
  for (std::int64_t left = part.pixels; left > 0; from = 0) {
    const std::int64_t until = std::min(from + left, s.ow);
    const std::int64_t iz = s.depth().input(oz, k);
    const std::int64_t iy = s.vertical().input(oy, i);
    const bool row_inside = iz >= 0 && iz < s.id && iy >= 0 && iy < s.ih;
    const std::int64_t begin = row_inside ? std::clamp(inside.begin, from, until) : until;
    const std::int64_t end = row_inside ? std::clamp(inside.end, begin, until) : until;
    visit(Run{until - from, begin - from, end - from,
              (iz * s.ih + iy) * s.iw + s.horizontal().input(begin, j)});
    left -= until - from;
    oz += oy + 1 == s.oh ? 1 : 0;
    oy = oy + 1 == s.oh ? 0 : oy + 1;
  }
}

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

/// What tap (k, i, j) sees at the part's pixels; zeros in the padding. x is one channel.
template <class T>
void gather_tap(const Shape& s, const Part& part, const T* x, std::int64_t k, std::int64_t i,
                std::int64_t j, T* to) {
  for_each_run(s, part, k, i, j, [&](const Run& run) {
    std::fill(to, to + run.begin, T(0));
    if (run.begin < run.end) {
      copy_strided(x + run.at, s.sw, run.end - run.begin, to + run.begin);
    }
    std::fill(to + run.end, to + run.length, T(0));
    to += run.length;
  });
}

/// Calls visit(c, k, i, j) for each channel of the part and each tap, in the order of the rows of
/// columns.
template <class Visit>
void for_each_tap(const Shape& s, const Part& part, const Visit& visit) {
  for (std::int64_t c = 0; c < part.channels; ++c) {
    for (std::int64_t k = 0; k < s.kd; ++k) {
      for (std::int64_t i = 0; i < s.kh; ++i) {
        for (std::int64_t j = 0; j < s.kw; ++j) {
          visit(c, k, i, j);
        }
      }
    }
  }
}

/// The columns of a part, one row for each channel and tap. x is the part's first channel.
template <class T>
void gather_columns(const Shape& s, const Part& part, const T* x, T* columns) {
  for_each_tap(s, part, [&](std::int64_t c, std::int64_t k, std::int64_t i, std::int64_t j) {
    gather_tap(s, part, x + c * s.in_pixels(), k, i, j, columns);
    columns += part.pixels;
  });
}

/// `total` cut into pieces of `step`: equal ones and the rest.
struct Pieces {
  std::int64_t length, times;
};

inline std::array<Pieces, 2> cut(std::int64_t total, std::int64_t step) {
  return {{{step, total / step}, {total % step, total % step != 0 ? 1 : 0}}};
}

}  // namespace flopmeter::conv
