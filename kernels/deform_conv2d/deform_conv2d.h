// A convolution that reads its input at places which another tensor moves (Dai and others 2017, with a mask
// Zhu and others 2018): y[n,o,p] = b[o] + sum over c and taps j of w[o,c,j] * m[n,j,p] * x(n,c,p + j + d[n,j,p])
// x(n,c,q): interpolated between the four pixels around q, 0 beyond the edge
#pragma once

#include <array>
#include <cmath>

#include "kernels/layer.h"

namespace flopmeter::deform_conv2d {

struct Shape {
  std::int64_t g, mb, ic, ih, iw, oc, kh, kw, sh, sw, ph, pw, dh, dw, dg, mask, bias;

  std::int64_t oh() const { return (ih + 2 * ph - (dh + 1) * (kh - 1) - 1) / sh + 1; }
  std::int64_t ow() const { return (iw + 2 * pw - (dw + 1) * (kw - 1) - 1) / sw + 1; }
  std::int64_t taps() const { return kh * kw; }
  std::int64_t pixels() const { return oh() * ow(); }
  bool operator==(const Shape&) const = default;
};

/// A place between pixels: its upper left one and the weights of the four.
template <class T>
struct Place {
  std::int64_t y, x;
  std::array<T, 4> weights;
};

inline std::int64_t whole(double value) { return static_cast<std::int64_t>(value); }
template <class T>
std::int64_t whole(Counted<T> value) {
  return whole(static_cast<double>(value.value));
}

/// A product that is stored: no MAC.
template <class T>
T times(T a, T b) {
  return a * b;
}

struct Layer {
  using Shape = deform_conv2d::Shape;
  static constexpr std::string_view name = "deform_conv2d";
  static constexpr std::string_view equation =
      "y[n,o,p] = b[o] + sum_{c,j} w[o,c,j] * m[n,j,p] * x(n,c,p+j+d[n,j,p]), x between four "
      "pixels";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"g", &Shape::g, 1, 1, 1, 3, "groups"},
      {"mb", &Shape::mb, 2, 1, 1, 2, "samples"},
      {"ic", &Shape::ic, unset, 1, 1, 12, "input channels"},
      {"ih", &Shape::ih, unset, 1, 1, 8, "input height"},
      {"iw", &Shape::iw, unset, 1, 1, 8, "input width (as the height)"},
      {"oc", &Shape::oc, unset, 1, 1, 12, "output channels"},
      {"kh", &Shape::kh, unset, 1, 1, 3, "kernel height"},
      {"kw", &Shape::kw, unset, 1, 1, 3, "kernel width (as the height)"},
      {"sh", &Shape::sh, 1, 1, 1, 2, "vertical stride"},
      {"sw", &Shape::sw, unset, 1, 1, 2, "horizontal stride (as the vertical one)"},
      {"ph", &Shape::ph, 0, 0, 0, 2, "padding above and below"},
      {"pw", &Shape::pw, unset, 0, 0, 2, "padding left and right (as above)"},
      {"dh", &Shape::dh, 0, 0, 0, 1, "vertical gaps between taps"},
      {"dw", &Shape::dw, unset, 0, 0, 1, "horizontal gaps between taps (as the vertical ones)"},
      {"dg", &Shape::dg, 1, 1, 1, 3, "groups of channels that are moved alike"},
      {"mask", &Shape::mask, 1, 0, 0, 1, "1: each tap has a factor (modulated)"},
      {"bias", &Shape::bias, 1, 0, 0, 1, "1: with a bias"},
  });
  static constexpr auto always_printed =
      std::to_array<std::string_view>({"mb", "ic", "ih", "iw", "oc", "kh", "kw"});
  static Shape complete(Shape);
  static std::vector<Variable> variables(const Shape& s) {
    return {{"oh", s.oh()}, {"ow", s.ow()}};
  }
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  /// All samples of the input first, as im2col does, then the products with the kernels.
  template <class T>
  static void reference(const Shape& s, Pass, Tensors<T>& t) {
    std::vector<T> columns(static_cast<std::size_t>(s.ic * s.taps() * s.pixels()));
    for (std::int64_t n = 0; n < s.mb; ++n) {
      for (std::int64_t d = 0; d < s.dg; ++d) {
        for (std::int64_t j = 0; j < s.taps(); ++j) {
          sample(s, n, d, j, t, columns.data());
        }
      }
      multiply(s, columns.data(), t["weights"], t["bias"], t["dst"] + n * s.oc * s.pixels());
    }
  }

 private:
  template <class T>
  static Place<T> place(T y, T x) {
    using std::floor;
    const T top = floor(y);
    const T left = floor(x);
    const T below = y - top;
    const T right = x - left;
    const T above = T(1) - below;
    const T before = T(1) - right;
    return {whole(top),
            whole(left),
            {times(above, before), times(above, right), times(below, before), times(below, right)}};
  }

  /// The weighted sum of the four pixels around a place.
  template <class T>
  static T interpolated(const Shape& s, const T* x, const Place<T>& at) {
    const auto pixel = [&](std::int64_t y, std::int64_t column) {
      const bool inside = y >= 0 && y < s.ih && column >= 0 && column < s.iw;
      return inside ? x[y * s.iw + column] : T(0);
    };
    T sum = times(at.weights[0], pixel(at.y, at.x));
    sum += times(at.weights[1], pixel(at.y, at.x + 1));
    sum += times(at.weights[2], pixel(at.y + 1, at.x));
    sum += times(at.weights[3], pixel(at.y + 1, at.x + 1));
    return sum;
  }

  /// One tap of all outputs and of the channels of one group of offsets.
  template <class T>
  static void sample(const Shape& s, std::int64_t n, std::int64_t d, std::int64_t j, Tensors<T>& t,
                     T* columns) {
    const std::int64_t tap = (n * s.dg + d) * s.taps() + j;
    const T* offsets = t["offsets"] + 2 * tap * s.pixels();
    const T* mask = s.mask != 0 ? t["mask"] + tap * s.pixels() : nullptr;
    const std::int64_t channels = s.ic / s.dg;
    for (std::int64_t p = 0; p < s.pixels(); ++p) {
      const std::int64_t y = p / s.ow() * s.sh - s.ph + j / s.kw * (s.dh + 1);
      const std::int64_t x = p % s.ow() * s.sw - s.pw + j % s.kw * (s.dw + 1);
      const Place<T> at = place<T>(T(static_cast<double>(y)) + offsets[p],
                                   T(static_cast<double>(x)) + offsets[s.pixels() + p]);
      for (std::int64_t c = d * channels; c < (d + 1) * channels; ++c) {
        const T value = interpolated(s, t["src"] + (n * s.ic + c) * s.ih * s.iw, at);
        columns[(c * s.taps() + j) * s.pixels() + p] =
            mask != nullptr ? times(mask[p], value) : value;
      }
    }
  }

  template <class T>
  static void multiply(const Shape& s, const T* columns, const T* w, const T* bias, T* y) {
    const std::int64_t terms = s.ic / s.g * s.taps();
    for (std::int64_t o = 0; o < s.oc; ++o) {
      const T* rows = columns + o / (s.oc / s.g) * terms * s.pixels();
      for (std::int64_t p = 0; p < s.pixels(); ++p) {
        T sum = bias != nullptr ? bias[o] : T(0);
        for (std::int64_t i = 0; i < terms; ++i) {
          if (i == 0 && bias == nullptr) {
            sum = start_sum(w[o * terms] * rows[p]);
          } else {
            sum += w[o * terms + i] * rows[i * s.pixels() + p];
          }
        }
        y[o * s.pixels() + p] = sum;
      }
    }
  }
};

}  // namespace flopmeter::deform_conv2d
