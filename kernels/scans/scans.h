// Layers along a sequence: cumulative sums, causal convolutions, rotary embeddings.
#pragma once

#include <utility>

#include "kernels/layer.h"
#include "kernels/products.h"

namespace flopmeter::scans {

/// y[b,t,k] = sum of x[b,s,k] for s <= t, or those after it (reverse), or those before it alone
/// (exclusive).
struct CumSum {
  struct Shape {
    std::int64_t mb, n, dim, exclusive, reverse;
    bool operator==(const Shape&) const = default;
  };
  static constexpr std::string_view name = "cumsum";
  static constexpr std::string_view equation = "y[b,t,k] = sum over s <= t of x[b,s,k]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 1, 1, 1, 5, "the dimensions in front of the axis"},
      {"n", &Shape::n, unset, 1, 1, 30, "elements along the axis"},
      {"dim", &Shape::dim, 1, 1, 1, 10, "the dimensions behind the axis"},
      {"exclusive", &Shape::exclusive, 0, 0, 0, 1, "1: sums of those before alone, the first is 0"},
      {"reverse", &Shape::reverse, 0, 0, 0, 1, "1: from the last one on"},
  });
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "n"});
  static Shape complete(const Shape&);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  /// The gradient is the same sum the other way round.
  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    const bool forward = pass == Pass::forward;
    const bool falls = (s.reverse != 0) == forward;
    const T* x = t[forward ? "src" : "diff_dst"];
    T* y = t[forward ? "dst" : "diff_src"];
    for (std::int64_t b = 0; b < s.mb; ++b) {
      for (std::int64_t k = 0; k < s.dim; ++k) {
        for (std::int64_t i = 0; i < s.n; ++i) {
          const auto at = [&](std::int64_t step) {
            return (b * s.n + (falls ? s.n - 1 - step : step)) * s.dim + k;
          };
          const std::int64_t taken = i - s.exclusive;
          if (taken < 0) {
            y[at(i)] = T(0);
          } else if (taken == 0) {
            y[at(i)] = x[at(0)];
          } else {
            y[at(i)] = y[at(i - 1)] + x[at(taken)];
          }
        }
      }
    }
  }
};

/// y[n,c,t] = b[c] + sum over j of w[c,j] * x[n,c,t+past-k+1+j], of elements that are there.
/// x: mb x c x (past + l): `past` elements from a cache, l new ones; y: mb x c x l
struct CausalConv1d {
  struct Shape {
    std::int64_t mb, c, l, k, past, bias;
    bool operator==(const Shape&) const = default;
    std::int64_t inputs() const { return past + l; }
  };
  static constexpr std::string_view name = "causal_conv1d";
  static constexpr std::string_view equation =
      "y[n,c,t] = b[c] + sum_j x[n,c,t-k+1+j] * w[c,j], nothing behind t and zeros before the "
      "start";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 4, "samples"},
      {"c", &Shape::c, unset, 1, 1, 12, "channels, each by itself"},
      {"l", &Shape::l, unset, 1, 1, 20, "new elements of a sequence"},
      {"k", &Shape::k, 4, 1, 1, 6, "taps"},
      {"past", &Shape::past, 0, 0, 0, 5, "elements before them from a cache, below k"},
      {"bias", &Shape::bias, 1, 0, 0, 1, "1: with a bias"},
  });
  static constexpr auto passes =
      std::to_array({Pass::forward, Pass::backward_data, Pass::backward_weights});
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "c", "l", "k"});
  static Shape complete(const Shape&);
  static std::vector<Variable> variables(const Shape&);
  static Shape padded_out(const Shape&);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    switch (pass) {
      case Pass::forward:
        return forward(s, t["src"], t["weights"], t["bias"], t["dst"]);
      case Pass::backward_data:
        return backward_data(s, t["diff_dst"], t["weights"], t["diff_src"]);
      case Pass::backward_weights:
        return backward_weights(s, t["src"], t["diff_dst"], t["diff_weights"], t["diff_bias"]);
    }
  }

 private:
  /// Calls work(j, i) for the taps of output t that meet an input.
  template <class Work>
  static void for_taps(const Shape& s, std::int64_t t, const Work& work) {
    for (std::int64_t j = 0; j < s.k; ++j) {
      const std::int64_t i = t + s.past - s.k + 1 + j;
      if (i >= 0) {
        work(j, i);
      }
    }
  }

  template <class T>
  static void forward(const Shape& s, const T* x, const T* w, const T* bias, T* y) {
    for (std::int64_t nc = 0; nc < s.mb * s.c; ++nc) {
      const std::int64_t c = nc % s.c;
      for (std::int64_t t = 0; t < s.l; ++t) {
        T sum = bias != nullptr ? bias[c] : T(0);
        bool empty = bias == nullptr;
        for_taps(s, t, [&](std::int64_t j, std::int64_t i) {
          add_product(sum, std::exchange(empty, false), x[nc * s.inputs() + i] * w[c * s.k + j]);
        });
        y[nc * s.l + t] = sum;
      }
    }
  }

  template <class T>
  static void backward_data(const Shape& s, const T* dy, const T* w, T* dx) {
    for (std::int64_t nc = 0; nc < s.mb * s.c; ++nc) {
      for (std::int64_t i = 0; i < s.inputs(); ++i) {
        bool empty = true;
        for (std::int64_t j = 0; j < s.k; ++j) {
          const std::int64_t t = i - s.past + s.k - 1 - j;
          if (t >= 0 && t < s.l) {
            add_product(dx[nc * s.inputs() + i], std::exchange(empty, false),
                        dy[nc * s.l + t] * w[nc % s.c * s.k + j]);
          }
        }
      }
    }
  }

  template <class T>
  static void backward_weights(const Shape& s, const T* x, const T* dy, T* dw, T* db) {
    std::fill_n(dw, s.c * s.k, T(0));
    for (std::int64_t c = 0; c < s.c; ++c) {
      std::vector<char> empty(static_cast<std::size_t>(s.k), 1);
      for (std::int64_t n = 0; n < s.mb; ++n) {
        const std::int64_t nc = n * s.c + c;
        for (std::int64_t t = 0; t < s.l; ++t) {
          const T& one = dy[nc * s.l + t];
          for_taps(s, t, [&](std::int64_t j, std::int64_t i) {
            const bool starts = std::exchange(empty[static_cast<std::size_t>(j)], 0) != 0;
            add_product(dw[c * s.k + j], starts, x[nc * s.inputs() + i] * one);
          });
          if (db != nullptr && n == 0 && t == 0) {
            db[c] = one;
          } else if (db != nullptr) {
            db[c] += one;
          }
        }
      }
    }
  }
};

/// y[2 halves] = (x1 cos - x2 sin, x2 cos + x1 sin) of the first `rot` features of each head, the others
/// as they are. Whether pairs are halves or neighbours does not matter to any count.
/// x, y: mb x l x h x d, cos, sin: l x rot/2
struct Rotary {
  struct Shape {
    std::int64_t mb, l, h, d, rot;
    bool operator==(const Shape&) const = default;
  };
  static constexpr std::string_view name = "rotary";
  static constexpr std::string_view equation =
      "y = (x1 * cos - x2 * sin, x2 * cos + x1 * sin), pair by pair of the features of a head";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 1, 1, 1, 3, "samples"},
      {"l", &Shape::l, unset, 1, 1, 6, "tokens"},
      {"h", &Shape::h, unset, 1, 1, 5, "heads"},
      {"d", &Shape::d, unset, 2, 2, 20, "features of a head"},
      {"rot", &Shape::rot, unset, 2, 2, 20, "features that are rotated (all), an even number"},
  });
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "l", "h", "d"});
  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  /// The gradient is rotated back.
  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    const bool forward = pass == Pass::forward;
    const std::int64_t half = s.rot / 2;
    for (std::int64_t row = 0; row < s.mb * s.l * s.h; ++row) {
      const T* x = t[forward ? "src" : "diff_dst"] + row * s.d;
      T* y = t[forward ? "dst" : "diff_src"] + row * s.d;
      const std::int64_t token = row / s.h % s.l;
      for (std::int64_t i = 0; i < half; ++i) {
        const T cos = t["cos"][token * half + i];
        const T sin = forward ? t["sin"][token * half + i] : -t["sin"][token * half + i];
        y[i] = times(x[i], cos) - times(x[i + half], sin);
        y[i + half] = times(x[i + half], cos) + times(x[i], sin);
      }
      std::copy(x + s.rot, x + s.d, y + s.rot);
    }
  }
};

Preparation prepare_rotary_eigen(const Rotary::Shape&, const Setup&, Tensors<float>&);
void counted_rotary_eigen(const Rotary::Shape&, Pass, Tensors<Counted<float>>&);

}  // namespace flopmeter::scans
