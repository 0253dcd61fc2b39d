// A convolution that reads its input at places which another tensor moves (Dai and others 2017, with a mask
// Zhu and others 2018): y[n,o,p] = b[o] + sum over c and taps j of w[o,c,j] * m[n,j,p] * x(n,c,p + j + d[n,j,p])
// x(n,c,q): interpolated between the four pixels around q, 0 beyond the edge
#pragma once

#include <array>
#include <cmath>

#include "kernels/layer.h"
#include "kernels/products.h"

namespace flopmeter::deform_conv2d {

struct Shape {
  std::int64_t g, mb, ic, ih, iw, oc, kh, kw, sh, sw, ph, pw, dh, dw, dg, mask, bias;

  std::int64_t oh() const { return (ih + 2 * ph - (dh + 1) * (kh - 1) - 1) / sh + 1; }
  std::int64_t ow() const { return (iw + 2 * pw - (dw + 1) * (kw - 1) - 1) / sw + 1; }
  std::int64_t taps() const { return kh * kw; }
  std::int64_t pixels() const { return oh() * ow(); }
  bool operator==(const Shape&) const = default;
};

/// A place between pixels: its upper left one, how far it is from the four lines around it, the weights of the four
/// pixels.
template <class T>
struct Place {
  std::int64_t y, x;
  T above, below, before,
      right;  // shares: of the row above, below, of the column before, to the right
  std::array<T, 4> weights;
};

inline std::int64_t whole(double value) { return static_cast<std::int64_t>(value); }
template <class T>
std::int64_t whole(Counted<T> value) {
  return whole(static_cast<double>(value.value));
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
  static constexpr auto passes =
      std::to_array({Pass::forward, Pass::backward_data, Pass::backward_weights});
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

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    std::vector<T> columns(static_cast<std::size_t>(s.ic * s.taps() * s.pixels()));
    for (std::int64_t n = 0; n < s.mb; ++n) {
      switch (pass) {
        case Pass::forward:
          sample(s, n, t, columns.data());
          multiply(s, columns.data(), t["weights"], t["bias"], t["dst"] + n * s.oc * s.pixels());
          break;
        case Pass::backward_data:
          of_columns(s, t["diff_dst"] + n * s.oc * s.pixels(), t["weights"], columns.data());
          of_samples(s, n, columns.data(), t);
          break;
        case Pass::backward_weights:
          sample(s, n, t, columns.data());
          of_weights(s, n, columns.data(), t);
          break;
      }
    }
  }

 private:
  /// Group of offsets, tap, both and the sample in one, output pixel.
  struct Tap {
    std::int64_t group, tap, row, pixel;
    std::int64_t first(const Shape& s) const { return group * (s.ic / s.dg); }
    std::int64_t last(const Shape& s) const { return (group + 1) * (s.ic / s.dg); }
    std::int64_t column(const Shape& s, std::int64_t c) const {
      return (c * s.taps() + tap) * s.pixels() + pixel;
    }
  };

  /// Calls work(tap, place) for each place that is sampled.
  template <class T, class Work>
  static void for_places(const Shape& s, std::int64_t n, Tensors<T>& t, const Work& work) {
    for (std::int64_t d = 0; d < s.dg; ++d) {
      for (std::int64_t j = 0; j < s.taps(); ++j) {
        const std::int64_t tap = (n * s.dg + d) * s.taps() + j;
        const T* offsets = t["offsets"] + 2 * tap * s.pixels();
        for (std::int64_t p = 0; p < s.pixels(); ++p) {
          const std::int64_t y = p / s.ow() * s.sh - s.ph + j / s.kw * (s.dh + 1);
          const std::int64_t x = p % s.ow() * s.sw - s.pw + j % s.kw * (s.dw + 1);
          work(Tap{d, j, tap, p}, place<T>(T(static_cast<double>(y)) + offsets[p],
                                           T(static_cast<double>(x)) + offsets[s.pixels() + p]));
        }
      }
    }
  }

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
            above,
            below,
            before,
            right,
            {times(above, before), times(above, right), times(below, before), times(below, right)}};
  }

  /// The four pixels around a place: their numbers in an image, -1 beyond its edge.
  template <class T>
  static std::array<std::int64_t, 4> around(const Shape& s, const Place<T>& at) {
    const auto pixel = [&](std::int64_t y, std::int64_t x) {
      return y >= 0 && y < s.ih && x >= 0 && x < s.iw ? y * s.iw + x : -1;
    };
    return {pixel(at.y, at.x), pixel(at.y, at.x + 1), pixel(at.y + 1, at.x),
            pixel(at.y + 1, at.x + 1)};
  }

  template <class T>
  static std::array<T, 4> values(const Shape& s, const T* x, const Place<T>& at) {
    std::array<T, 4> four;
    std::ranges::transform(around(s, at), four.begin(),
                           [&](std::int64_t pixel) { return pixel < 0 ? T(0) : x[pixel]; });
    return four;
  }

  /// The weighted sum of the four pixels around a place.
  template <class T>
  static T interpolated(const std::array<T, 4>& four, const Place<T>& at) {
    T sum = times(at.weights[0], four[0]);
    for (std::size_t i = 1; i < four.size(); ++i) {
      sum += times(at.weights[i], four[i]);
    }
    return sum;
  }

  /// All samples of the input first, as im2col does.
  template <class T>
  static void sample(const Shape& s, std::int64_t n, Tensors<T>& t, T* columns) {
    for_places<T>(s, n, t, [&](const Tap& tap, const Place<T>& at) {
      for (std::int64_t c = tap.first(s); c < tap.last(s); ++c) {
        const T* x = t["src"] + (n * s.ic + c) * s.ih * s.iw;
        const T value = interpolated(values(s, x, at), at);
        columns[tap.column(s, c)] =
            s.mask != 0 ? times(t["mask"][tap.row * s.pixels() + tap.pixel], value) : value;
      }
    });
  }

  /// Then the products with the kernels.
  template <class T>
  static void multiply(const Shape& s, const T* columns, const T* w, const T* bias, T* y) {
    const std::int64_t terms = s.ic / s.g * s.taps();
    for (std::int64_t o = 0; o < s.oc; ++o) {
      const T* rows = columns + o / (s.oc / s.g) * terms * s.pixels();
      for (std::int64_t p = 0; p < s.pixels(); ++p) {
        T sum = bias != nullptr ? bias[o] : T(0);
        for (std::int64_t i = 0; i < terms; ++i) {
          add_product(sum, i == 0 && bias == nullptr, w[o * terms + i] * rows[i * s.pixels() + p]);
        }
        y[o * s.pixels() + p] = sum;
      }
    }
  }

  template <class T>
  static void of_columns(const Shape& s, const T* dy, const T* w, T* columns) {
    const std::int64_t terms = s.ic / s.g * s.taps();
    const std::int64_t outputs = s.oc / s.g;
    for (std::int64_t o = 0; o < s.oc; ++o) {
      T* rows = columns + o / outputs * terms * s.pixels();
      for (std::int64_t i = 0; i < terms; ++i) {
        for (std::int64_t p = 0; p < s.pixels(); ++p) {
          add_product(rows[i * s.pixels() + p], o % outputs == 0,
                      w[o * terms + i] * dy[o * s.pixels() + p]);
        }
      }
    }
  }

  /// Gradients of what was sampled, of the mask and of the offsets: how steep the image is there. A pixel beyond the
  /// edge takes its share to nowhere.
  template <class T>
  static void of_samples(const Shape& s, std::int64_t n, const T* columns, Tensors<T>& t) {
    std::fill_n(t["diff_src"] + n * s.ic * s.ih * s.iw, s.ic * s.ih * s.iw, T(0));
    for_places<T>(s, n, t, [&](const Tap& tap, const Place<T>& at) {
      const std::int64_t masked = tap.row * s.pixels() + tap.pixel;
      T* vertical = t["diff_offsets"] + 2 * tap.row * s.pixels() + tap.pixel;
      for (std::int64_t c = tap.first(s); c < tap.last(s); ++c) {
        const std::int64_t image = (n * s.ic + c) * s.ih * s.iw;
        const std::array<T, 4> four = values(s, t["src"] + image, at);
        const bool first = c == tap.first(s);
        T gradient = columns[tap.column(s, c)];
        if (s.mask != 0) {
          add_product(t["diff_mask"][masked], first, gradient * interpolated(four, at));
          gradient = times(t["mask"][masked], gradient);
        }
        spread(s, at, gradient, t["diff_src"] + image);
        const T down = times(at.before, four[2] - four[0]) + times(at.right, four[3] - four[1]);
        const T across = times(at.above, four[1] - four[0]) + times(at.below, four[3] - four[2]);
        add_product(vertical[0], first, gradient * down);
        add_product(vertical[s.pixels()], first, gradient * across);
      }
    });
  }

  template <class T>
  static void spread(const Shape& s, const Place<T>& at, const T& gradient, T* image) {
    const std::array<std::int64_t, 4> four = around(s, at);
    for (std::size_t i = 0; i < four.size(); ++i) {
      T nowhere = T(0);
      (four[i] < 0 ? nowhere : image[four[i]]) += times(at.weights[i], gradient);
    }
  }

  template <class T>
  static void of_weights(const Shape& s, std::int64_t n, const T* columns, Tensors<T>& t) {
    const std::int64_t terms = s.ic / s.g * s.taps();
    const T* dy = t["diff_dst"] + n * s.oc * s.pixels();
    for (std::int64_t o = 0; o < s.oc; ++o) {
      const T* rows = columns + o / (s.oc / s.g) * terms * s.pixels();
      for (std::int64_t p = 0; p < s.pixels(); ++p) {
        const bool first = n == 0 && p == 0;
        const T& one = dy[o * s.pixels() + p];
        for (std::int64_t i = 0; i < terms; ++i) {
          add_product(t["diff_weights"][o * terms + i], first, rows[i * s.pixels() + p] * one);
        }
        if (s.bias != 0) {
          T& bias = t["diff_bias"][o];
          bias = first ? one : bias + one;
        }
      }
    }
  }
};

}  // namespace flopmeter::deform_conv2d
