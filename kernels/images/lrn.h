// Local response normalisation (Krizhevsky and others 2012).
//   w = k + a / n * sum over the n neighbours of x^2, y = x / w^b, k = 1, a = 1, b = 3/4
//   dx[i] = dy[i] * w[i]^-b - 2 * a * b / n * x[i] * sum over the j whose window has i of
//           dy[j] * x[j] * w[j]^(-b - 1)
// Neighbours are channels of the same pixel, or pixels of the same channel.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/layer.h"

namespace flopmeter::images {

struct Lrn {
  struct Shape {
    std::int64_t mb, ic, id, ih, iw, size, within;
    bool operator==(const Shape&) const = default;
    std::int64_t before() const { return (size - 1) / 2; }
    std::int64_t behind() const { return size - 1 - before(); }
    std::array<std::int64_t, 4> sample() const { return {ic, id, ih, iw}; }
    /// Whether neighbours differ along that dimension of a sample.
    bool windowed(std::size_t axis) const { return (axis == 0) == (within == 0); }
    /// Neighbours of one inside.
    std::int64_t neighbours() const {
      return within == 0 ? size : id == 1 ? size * size : size * size * size;
    }
  };
  static constexpr std::string_view name = "lrn";
  static constexpr std::string_view equation =
      "y = x / (k + a / n * sum of x^2 over n neighbours)^b, k = a = 1, b = 3/4";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 3, "samples"},
      {"ic", &Shape::ic, unset, 1, 1, 20, "channels"},
      {"id", &Shape::id, 1, 1, 1, 3, "depth"},
      {"ih", &Shape::ih, unset, 1, 1, 5, "height"},
      {"iw", &Shape::iw, unset, 1, 1, 5, "width"},
      {"ls", &Shape::size, 5, 1, 1, 7, "neighbours that are summed up over, of each axis"},
      {"within", &Shape::within, 0, 0, 0, 1, "1: pixels of a channel, 0: channels of a pixel"},
  });
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "ic"});
  static constexpr double alpha = 1;
  static constexpr double beta = 0.75;
  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    const std::int64_t elements = s.ic * s.id * s.ih * s.iw;
    for (std::int64_t n = 0; n < s.mb; ++n) {
      const T* x = t["src"] + n * elements;
      const std::vector<T> w = scales(s, x, elements);
      if (pass == Pass::forward) {
        for (std::int64_t i = 0; i < elements; ++i) {
          t["dst"][n * elements + i] = x[i] * power(w[static_cast<std::size_t>(i)]);
        }
      } else {
        gradients(s, x, w, t["diff_dst"] + n * elements, t["diff_src"] + n * elements);
      }
    }
  }

 private:
  /// The sum of terms over the window around each place of a sample; `before` and `behind` are how
  /// far it reaches.
  template <class T>
  static std::vector<T> window_sums(const Shape& s, const std::vector<T>& terms,
                                    std::int64_t before, std::int64_t behind) {
    const auto n = s.sample();
    std::vector<T> sums;
    sums.reserve(terms.size());
    const auto range = [&](std::size_t axis, std::int64_t at) {
      return s.windowed(axis) ? std::pair(std::max<std::int64_t>(0, at - before),
                                          std::min(n.at(axis), at + behind + 1))
                              : std::pair(at, at + 1);
    };
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i);
      const auto [c0, c1] = range(0, at / (n[1] * n[2] * n[3]));
      const auto [d0, d1] = range(1, at / (n[2] * n[3]) % n[1]);
      const auto [h0, h1] = range(2, at / n[3] % n[2]);
      const auto [w0, w1] = range(3, at % n[3]);
      bool begun = false;
      T sum(0);
      for (std::int64_t c = c0; c < c1; ++c) {
        for (std::int64_t d = d0; d < d1; ++d) {
          for (std::int64_t h = h0; h < h1; ++h) {
            for (std::int64_t w = w0; w < w1; ++w) {
              const T& term =
                  terms[static_cast<std::size_t>(((c * n[1] + d) * n[2] + h) * n[3] + w)];
              sum = begun ? T(sum + term) : term;
              begun = true;
            }
          }
        }
      }
      sums.push_back(sum);
    }
    return sums;
  }

  template <class T>
  static std::vector<T> scales(const Shape& s, const T* x, std::int64_t elements) {
    std::vector<T> squares;
    for (std::int64_t i = 0; i < elements; ++i) {
      squares.push_back(x[i] * x[i]);
    }
    std::vector<T> w = window_sums(s, squares, s.before(), s.behind());
    const T factor(alpha / static_cast<double>(s.neighbours()));
    for (T& one : w) {
      const T scaled = factor * one;
      one = T(1) + scaled;
    }
    return w;
  }

  /// w^-b
  template <class T>
  static T power(const T& w) {
    using std::exp;
    using std::log;
    return exp(T(T(-beta) * log(w)));
  }

  template <class T>
  static void gradients(const Shape& s, const T* x, const std::vector<T>& w, const T* dy, T* dx) {
    std::vector<T> terms;
    for (std::size_t i = 0; i < w.size(); ++i) {
      const T direct = dy[i] * power(w[i]);
      dx[i] = direct;
      const T product = direct * x[i];
      terms.push_back(product / w[i]);
    }
    const std::vector<T> sums = window_sums(s, terms, s.behind(), s.before());
    const T factor(2 * alpha * beta / static_cast<double>(s.neighbours()));
    for (std::size_t i = 0; i < w.size(); ++i) {
      const T own = factor * x[i];
      const T others = own * sums[i];
      dx[i] = dx[i] - others;
    }
  }
};

Preparation prepare_lrn(const Lrn::Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::images
