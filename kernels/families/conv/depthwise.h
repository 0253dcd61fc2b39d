// Depthwise convolution, one channel at a time, in Eigen's packets.
//
// The rows of a channel are laid out once with their padding beside them, one copy for each phase
// of the stride, so that every tap of neighbouring outputs reads neighbouring numbers and an output
// is kept in a register through all its taps.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/families/conv/reference.h"

namespace flopmeter::conv {

/// The input, weights, bias (or null) and output of one channel of one sample.
template <class T>
struct Plane {
  const T* x;
  const T* w;
  const T* bias;
  T* y;
};

/// Sums start at the bias or at zero. Rows of taps in the padding are left out; beside a row, taps
/// in the padding are computed with zeros.
template <class T>
class Depthwise {
 public:
  explicit Depthwise(const Shape& s)
      : s_(s), row_((s.ow + room - 1) / room * room + ((s.kw - 1) * (s.dw + 1)) / s.sw) {
    for (std::int64_t j = 0; j < s.kw; ++j) {
      const std::int64_t at = j * (s.dw + 1);
      taps_.push_back(at % s.sw * row_ + at / s.sw);
    }
  }

  /// Elements of scratch memory that a call needs, zero at first; calls leave the padding zero.
  std::int64_t scratch_elements() const { return s_.id * s_.ih * s_.sw * row_; }

  void operator()(const Plane<T>& plane, T* scratch) const {
    lay_out(plane.x, scratch);
    for (std::int64_t row = 0; row < s_.od * s_.oh; ++row) {
      output_row(plane, scratch, row, plane.y + row * s_.ow);
    }
  }

 private:
  using Packet = typename Eigen::internal::packet_traits<T>::type;
  static constexpr std::int64_t lanes = Eigen::internal::unpacket_traits<Packet>::size;
  static constexpr std::int64_t room = 16;  // the lanes of the widest packet, for any T

  void lay_out(const T* x, T* scratch) const {
    for (std::int64_t phase = 0; phase < s_.sw; ++phase) {
      // Column c of the phase holds input column c * sw + phase - pw.
      const std::int64_t first = phase < s_.pw ? (s_.pw - phase - 1) / s_.sw + 1 : 0;
      const std::int64_t inside = s_.iw + s_.pw - phase;
      const std::int64_t last = std::min(inside <= 0 ? 0 : (inside - 1) / s_.sw + 1, row_);
      const std::int64_t end = std::max(first, last);
      for (std::int64_t iy = 0; iy < s_.id * s_.ih; ++iy) {
        const T* from = x + iy * s_.iw + phase - s_.pw;
        T* to = scratch + (iy * s_.sw + phase) * row_;
        if (s_.sw == 1) {
          std::copy(from + first, from + end, to + first);
          continue;
        }
        for (std::int64_t c = first; c < end; ++c) {
          to[c] = from[c * s_.sw];
        }
      }
    }
  }

  /// `row` counts the rows of all planes.
  void output_row(const Plane<T>& plane, const T* scratch, std::int64_t row, T* y) const {
    const Rows rows{s_.depth().taps(row / s_.oh), s_.vertical().taps(row % s_.oh),
                    s_.depth().input(row / s_.oh, 0), s_.vertical().input(row % s_.oh, 0)};
    std::int64_t ox = 0;
    for (; ox + 4 * lanes <= s_.ow; ox += 4 * lanes) {
      outputs<4>(plane, scratch + ox, rows, y + ox);
    }
    for (; ox + lanes <= s_.ow; ox += lanes) {
      outputs<1>(plane, scratch + ox, rows, y + ox);
    }
    if (ox < s_.ow && row * s_.ow + ox + lanes <= s_.out_pixels()) {
      outputs<1>(plane, scratch + ox, rows, y + ox);  // the surplus is in rows that come later
    } else if (ox < s_.ow) {
      std::array<T, lanes> last;
      outputs<1>(plane, scratch + ox, rows, last.data());
      std::copy_n(last.data(), s_.ow - ox, y + ox);
    }
  }

  /// The taps of an output row that touch real input, and the position of the first tap of all.
  struct Rows {
    TapRange planes, rows;
    std::int64_t z, y;
  };

  /// `packets` packets of neighbouring outputs.
  template <int packets>
  void outputs(const Plane<T>& plane, const T* scratch, const Rows& rows, T* y) const {
    using namespace Eigen::internal;  // NOLINT(google-build-using-namespace): packet operations
    Packet sums[packets];
    std::fill_n(sums, packets, pset1<Packet>(plane.bias != nullptr ? *plane.bias : T(0)));
    for (std::int64_t k = rows.planes.begin; k < rows.planes.end; ++k) {
      const std::int64_t z = rows.z + k * (s_.dd + 1);
      for (std::int64_t i = rows.rows.begin; i < rows.rows.end; ++i) {
        const std::int64_t input_row = z * s_.ih + rows.y + i * (s_.dh + 1);
        add_row<packets>(plane.w + (k * s_.kh + i) * s_.kw, scratch + input_row * s_.sw * row_,
                         sums);
      }
    }
    for (int p = 0; p < packets; ++p) {
      pstoreu(y + p * lanes, sums[p]);
    }
  }

  template <int packets>
  void add_row(const T* weights, const T* row, Packet* sums) const {
    using namespace Eigen::internal;  // NOLINT(google-build-using-namespace): packet operations
    for (std::int64_t j = 0; j < s_.kw; ++j) {
      const T* x = row + taps_[static_cast<std::size_t>(j)];
      const auto w = pset1<Packet>(weights[j]);
      for (int p = 0; p < packets; ++p) {
        sums[p] = pmadd(ploadu<Packet>(x + p * lanes), w, sums[p]);
      }
    }
  }

  Shape s_;
  std::int64_t row_;                // elements of one row of one phase
  std::vector<std::int64_t> taps_;  // of output 0 in the rows of an input row
};

/// Multiplies and adds of all channels.
inline OpCounts depthwise_counts(const Shape& s) {
  return sums_of_products(
      checked_product(s.mb, s.g, s.ow, s.depth().coverage().taps, s.vertical().coverage().taps),
      s.kw, true);
}

}  // namespace flopmeter::conv
