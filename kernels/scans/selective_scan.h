// The scan of a state-space model (Mamba, Gu and Dao 2023).
#pragma once

#include <cmath>

#include "kernels/layer.h"
#include "kernels/products.h"

namespace flopmeter::scans {

/// h[t] = e[t] * h[t-1] + d[t] * B[t] * x[t], e[t] = exp(-d[t] * a), y[t] = sum over states of C[t] * h[t] + D * x[t],
/// feature by feature. a is given without its sign.
/// x, d: mb x l x c, B, C: mb x l x n, a: c x n, D: c, h: mb x c x n
/// Both gradients make the states anew, as the published kernel does.
struct SelectiveScan {
  struct Shape {
    std::int64_t mb, l, c, n, past;
    /// Tokens before which there is a state.
    std::int64_t decays() const { return l - first_decay(); }
    std::int64_t first_decay() const { return past != 0 ? 0 : 1; }
    bool operator==(const Shape&) const = default;
  };
  static constexpr std::string_view name = "selective_scan";
  static constexpr std::string_view equation =
      "h[t] = exp(-d[t] * a) * h[t-1] + d[t] * B[t] * x[t], y[t] = C[t] . h[t] + D * x[t]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 1, 1, 1, 3, "samples"},
      {"l", &Shape::l, unset, 1, 1, 12, "tokens"},
      {"c", &Shape::c, unset, 1, 1, 10, "features"},
      {"n", &Shape::n, 16, 1, 1, 8, "states of a feature"},
      {"past", &Shape::past, 0, 0, 0, 1, "1: it goes on from states of before, else from zeros"},
  });
  static constexpr auto passes =
      std::to_array({Pass::forward, Pass::backward_data, Pass::backward_weights});
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "l", "c", "n"});
  static Shape complete(const Shape&);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    for (std::int64_t b = 0; b < s.mb; ++b) {
      for (std::int64_t c = 0; c < s.c; ++c) {
        const Feature<T> feature(s, t, b, c);
        switch (pass) {
          case Pass::forward:
            feature.outputs(t["dst"]);
            break;
          case Pass::backward_data:
            feature.backward_data(t);
            break;
          case Pass::backward_weights:
            feature.backward_weights(t);
            break;
        }
      }
    }
  }

 private:
  /// One feature of one sample: its decays and states, token by token.
  template <class T>
  class Feature {
   public:
    Feature(const Shape& s, Tensors<T>& t, std::int64_t sample, std::int64_t feature)
        : s_(s),
          b_(sample),
          c_(feature),
          src_(t["src"]),
          delta_(t["delta"]),
          in_(t["b"]),
          out_(t["c"]),
          a_(t["weights_a"] + feature * s.n),
          skip_(t["weights_d"] == nullptr ? nullptr : t["weights_d"] + feature),
          decays_(static_cast<std::size_t>(s.l * s.n)),
          states_(static_cast<std::size_t>((s.l + 1) * s.n)),
          inputs_(static_cast<std::size_t>(s.l)) {
      using std::exp;
      if (s.past != 0) {
        std::copy_n(t["states"] + (sample * s.c + feature) * s.n, s.n, states_.begin());
      }
      for (std::int64_t i = 0; i < s.l; ++i) {
        inputs_[static_cast<std::size_t>(i)] = delta_[at(i)] * src_[at(i)];
        for (std::int64_t k = 0; k < s.n; ++k) {
          T& state = states_[index(i + 1, k)];
          state = times(inputs_[static_cast<std::size_t>(i)], in_[row(i) + k]);
          if (i >= s.first_decay()) {
            T& decay = decays_[index(i, k)];
            decay = exp(-times(delta_[at(i)], a_[k]));
            state += times(decay, states_[index(i, k)]);
          }
        }
      }
    }

    void outputs(T* dst) const {
      for (std::int64_t i = 0; i < s_.l; ++i) {
        T sum = T(0);
        for (std::int64_t k = 0; k < s_.n; ++k) {
          add_product(sum, k == 0, out_[row(i) + k] * states_[index(i + 1, k)]);
        }
        dst[at(i)] = sum + times(*skip_, src_[at(i)]);
      }
    }

    void backward_data(Tensors<T>& t) const {
      const T* dy = t["diff_dst"];
      std::vector<T> carried(static_cast<std::size_t>(s_.n));
      for (std::int64_t i = s_.l - 1; i >= 0; --i) {
        T input = T(0);
        T exponent = T(0);
        for (std::int64_t k = 0; k < s_.n; ++k) {
          T& later = carried[static_cast<std::size_t>(k)];
          const T gradient = of_state(i, k, dy[at(i)], later);
          add_product(t["diff_c"][row(i) + k], c_ == 0, dy[at(i)] * states_[index(i + 1, k)]);
          add_product(t["diff_b"][row(i) + k], c_ == 0,
                      inputs_[static_cast<std::size_t>(i)] * gradient);
          add_product(input, k == 0, gradient * in_[row(i) + k]);
          if (i >= s_.first_decay()) {
            later = times(decays_[index(i, k)], gradient);
            add_product(exponent, k == 0, a_[k] * times(later, states_[index(i, k)]));
          }
        }
        t["diff_src"][at(i)] = times(delta_[at(i)], input) + times(*skip_, dy[at(i)]);
        T& delta = t["diff_delta"][at(i)];
        delta = times(src_[at(i)], input);
        if (i >= s_.first_decay()) {
          delta -= exponent;
        }
      }
      if (s_.past != 0) {
        std::copy(carried.begin(), carried.end(), t["diff_states"] + (b_ * s_.c + c_) * s_.n);
      }
    }

    void backward_weights(Tensors<T>& t) const {
      const T* dy = t["diff_dst"];
      T* da = t["diff_weights_a"] + c_ * s_.n;
      if (s_.decays() == 0) {
        std::fill_n(da, s_.n, T(0));
      }
      std::vector<T> carried(static_cast<std::size_t>(s_.n));
      for (std::int64_t i = s_.l - 1; i >= 0; --i) {
        const bool first = b_ == 0 && i == s_.l - 1;
        add_product(t["diff_weights_d"][c_], first, dy[at(i)] * src_[at(i)]);
        for (std::int64_t k = 0; i >= s_.first_decay() && k < s_.n; ++k) {
          T& later = carried[static_cast<std::size_t>(k)];
          later = times(decays_[index(i, k)], of_state(i, k, dy[at(i)], later));
          add_product(da[k], first, times(later, states_[index(i, k)]) * -delta_[at(i)]);
        }
      }
    }

   private:
    std::int64_t at(std::int64_t token) const { return (b_ * s_.l + token) * s_.c + c_; }
    std::int64_t row(std::int64_t token) const { return (b_ * s_.l + token) * s_.n; }
    std::size_t index(std::int64_t token, std::int64_t state) const {
      return static_cast<std::size_t>(token * s_.n + state);
    }

    /// Of the state behind a token: by its output, and by the states behind it.
    T of_state(std::int64_t token, std::int64_t k, const T& dy, const T& later) const {
      const T own = times(out_[row(token) + k], dy);
      return token + 1 < s_.l ? own + later : own;
    }

    const Shape& s_;
    std::int64_t b_, c_;
    const T *src_, *delta_, *in_, *out_, *a_, *skip_;
    std::vector<T> decays_, states_, inputs_;  // states: the one before the first token in front
  };
};

}  // namespace flopmeter::scans
