// How a tensor falls into groups that are normalised together, the same for every normalisation.
#pragma once

#include <cstdint>

#include "counters/op_counts.h"

namespace flopmeter::normalization {

/// What a layer adds to the variance, PyTorch's default.
inline constexpr double epsilon = 1e-5;

/// `groups` of `rows` rows of `length` neighbouring elements, and the channel of each element,
/// which has a scale and a shift.
struct Layout {
  std::int64_t groups, rows, length;
  std::int64_t group_stride, row_stride;  // elements from one to the next
  std::int64_t channels;
  std::int64_t group_channels, row_channels, element_channels;  // channels from one to the next

  /// Elements that share their statistics. Throws CountOverflow.
  std::int64_t size() const { return checked_multiply(rows, length); }
  /// Elements of the tensor. Throws CountOverflow.
  std::int64_t elements() const { return checked_multiply(groups, size()); }
  /// Where a row begins.
  std::int64_t row(std::int64_t group, std::int64_t r) const {
    return group * group_stride + r * row_stride;
  }
  /// The channel of a row's first element; the others' are `element_channels` apart.
  std::int64_t channel(std::int64_t group, std::int64_t r) const {
    return (group * group_channels + r * row_channels) % channels;
  }
  /// Whether the row's channels have not come before.
  bool first(std::int64_t group, std::int64_t r) const {
    if (element_channels != 0) {
      return group == 0;
    }
    return row_channels != 0 ? group * rows < channels : r == 0;
  }
};

/// Each channel of mb samples of `channels` planes.
inline Layout channel_wise(std::int64_t mb, std::int64_t channels, std::int64_t plane) {
  return {channels, mb, plane, plane, checked_multiply(channels, plane), channels, 1, 0, 0};
}

/// Each sample of mb, in g groups of its channels.
inline Layout group_wise(std::int64_t mb, std::int64_t channels, std::int64_t plane,
                         std::int64_t g) {
  const std::int64_t rows = channels / g;
  return {checked_multiply(mb, g),
          rows,
          plane,
          checked_multiply(rows, plane),
          plane,
          channels,
          rows,
          1,
          0};
}

/// Each row of a matrix, whose columns are the channels.
inline Layout row_wise(std::int64_t rows, std::int64_t columns) {
  return {rows, 1, columns, columns, columns, columns, 0, 0, 1};
}

/// Whether a layer computes mean and variance of each group, is given them, or computes the mean
/// of the squares and does not centre.
enum class Statistics { computed, given, mean_square };

/// What there is to say of a layer of a shape. `affine`: it has a scale, and a shift if it centres.
struct Normalization {
  Layout layout;
  Statistics statistics;
  bool affine;

  bool centred() const { return statistics != Statistics::mean_square; }
};

}  // namespace flopmeter::normalization
