// y[n] = sum_j shares[n,j] * down_e(act_e(x[n])), e = indices[n,j]
// act_e(x) = silu(gate_e(x)) * up_e(x), or relu(up_e(x)) with swiglu0, or clipped at c (GPT-OSS):
// g * sigma(1.702 * g) * (u + 1), g = min(gate_e(x), c), u = max(-c, min(up_e(x), c))
// x, y: mb x ic, indices, shares: mb x active, up, gate: experts x hid x ic, down: experts x ic x hid
//
// Each token does the work of `active` experts, whichever they are, so that counts depend on no data.
// Gradients of weights start at 0 and every product is added: which experts have tokens is data.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/layer.h"
#include "kernels/matmul/product.h"

namespace flopmeter::experts {

/// mb16ic512hid1024experts8active2: the feed-forward blocks of a mixture of experts, without the
/// router that says which tokens go where.
struct Shape {
  std::int64_t mb, ic, hid, experts, active, swiglu, bias, clip;

  /// Tokens times the experts that each has. Throws CountOverflow.
  std::int64_t calls() const { return checked_multiply(mb, active); }
  /// Matrices that are read before the activation.
  std::int64_t inner() const { return 1 + swiglu; }
  bool operator==(const Shape&) const = default;
};

/// GPT-OSS's factor in the sigmoid of a clipped gate.
inline constexpr double clipped_steepness = 1.702;

/// What act_e does to one hidden feature.
OpCounts activation_counts(const Shape&);

inline constexpr std::int64_t most_experts = std::int64_t{1} << 24U;

inline std::int64_t index(double value) { return static_cast<std::int64_t>(value); }
template <class T>
std::int64_t index(Counted<T> value) {
  return index(value.value);
}

struct Layer {
  using Shape = experts::Shape;
  static constexpr std::string_view name = "experts";
  static constexpr std::string_view equation =
      "y[n] = sum_j shares[n,j] * expert_j(x[n]), of those that the router chose";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 6, "tokens"},
      {"ic", &Shape::ic, unset, 1, 1, 20, "features"},
      {"hid", &Shape::hid, unset, 1, 1, 24, "hidden features of an expert"},
      {"experts", &Shape::experts, unset, 1, 1, 6, "experts"},
      {"active", &Shape::active, unset, 1, 1, 3, "experts that a token goes to"},
      {"swiglu", &Shape::swiglu, 1, 0, 0, 1, "1: silu of a gate, 0: relu"},
      {"bias", &Shape::bias, 0, 0, 0, 1, "1: every matrix has a bias"},
      {"clip", &Shape::clip, 0, 0, 0, 2,
       "both halves of swiglu are clipped at it and 1 is added to the linear one, 0: not"},
  });
  static constexpr auto passes = all_passes;
  static constexpr auto always_printed =
      std::to_array<std::string_view>({"mb", "ic", "hid", "experts", "active"});

  static Shape complete(Shape);
  static std::vector<Variable> variables(const Shape&);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    if (pass == Pass::backward_weights) {
      clear(tensors);
    }
    for (std::int64_t n = 0; n < s.mb; ++n) {
      for (std::int64_t j = 0; j < s.active; ++j) {
        const Call call{n, n * s.active + j, index(tensors["indices"][n * s.active + j]), j == 0};
        switch (pass) {
          case Pass::forward:
            forward(s, call, tensors);
            break;
          case Pass::backward_data:
            backward_data(s, call, tensors);
            break;
          case Pass::backward_weights:
            backward_weights(s, call, tensors);
            break;
        }
      }
    }
  }

 private:
  /// One expert's work on one token; `at` counts them.
  struct Call {
    std::int64_t token, at, expert;
    bool first;
  };

  template <class T>
  using Matrix = matmul::Matrix<T>;

  template <class T>
  static Matrix<T> row(T* data, std::int64_t at, std::int64_t length) {
    return {data + at * length, length, 1};
  }

  /// y = W x (+ b) of one expert; W lies as outputs x inputs.
  template <class T>
  static void project(const Call& call, const T* weights, const T* bias, std::int64_t in,
                      std::int64_t out, const T* x, T* y) {
    if (bias != nullptr) {
      std::copy_n(bias + call.expert * out, out, y);
    }
    matmul::product<T>(1, in, out, {x, in, 1}, {weights + call.expert * in * out, 1, in},
                       {y, out, 1}, bias == nullptr);
  }

  template <class T>
  static void forward(const Shape& s, const Call& c, Tensors<T>& t) {
    const T* x = t["src"] + c.token * s.ic;
    T* linear = t["linear"] + c.at * s.hid;
    T* hidden = t["hidden"] + c.at * s.hid;
    T* result = t["results"] + c.at * s.ic;
    project<T>(c, t["up"], t["up_bias"], s.ic, s.hid, x, linear);
    if (s.swiglu != 0) {
      T* gated = t["gated"] + c.at * s.hid;
      project<T>(c, t["gate"], t["gate_bias"], s.ic, s.hid, x, gated);
      std::transform(gated, gated + s.hid, linear, hidden,
                     [&s](T g, T y) { return s.clip != 0 ? clipped(s, g, y) : T(silu(g) * y); });
    } else {
      std::transform(linear, linear + s.hid, hidden, [](T y) { return y > T(0) ? y : T(0); });
    }
    project<T>(c, t["down"], t["down_bias"], s.hid, s.ic, hidden, result);
    add_share(s, c, t, result);
  }

  template <class T>
  static T silu(T x) {
    using std::exp;
    return x / (T(1) + exp(-x));
  }

  template <class T>
  static T cut(const Shape& s, T x) {
    using std::max;
    using std::min;
    const T most(static_cast<double>(s.clip));
    return max(min(x, most), -most);
  }

  template <class T>
  static T clipped(const Shape& s, T gate, T linear) {
    using std::exp;
    using std::min;
    const T g = min(gate, T(static_cast<double>(s.clip)));
    const T steep = T(clipped_steepness) * g;
    const T active = g / (T(1) + exp(-steep));
    return active * (cut(s, linear) + T(1));
  }

  template <class T>
  static void add_share(const Shape& s, const Call& c, Tensors<T>& t, const T* result) {
    const T share = t["shares"][c.at];
    T* y = t["dst"] + c.token * s.ic;
    for (std::int64_t i = 0; i < s.ic; ++i) {
      if (c.first) {
        y[i] = start_sum(share * result[i]);
      } else {
        y[i] += share * result[i];
      }
    }
  }

  template <class T>
  static void backward_data(const Shape& s, const Call& c, Tensors<T>& t) {
    const T* dy = t["diff_dst"] + c.token * s.ic;
    T* dresult = t["diff_results"] + c.at * s.ic;
    const T* result = t["results"] + c.at * s.ic;
    const T share = t["shares"][c.at];
    T pulled = start_sum(dy[0] * result[0]);
    for (std::int64_t i = 1; i < s.ic; ++i) {
      pulled += dy[i] * result[i];
    }
    t["diff_shares"][c.at] = pulled;
    std::transform(dy, dy + s.ic, dresult, [share](T one) { return T(share * one); });
    T* dhidden = t["diff_hidden"] + c.at * s.hid;
    matmul::product<T>(1, s.ic, s.hid, {dresult, s.ic, 1},
                       {t["down"] + c.expert * s.hid * s.ic, s.hid, 1}, {dhidden, s.hid, 1}, true);
    activation_gradients(s, c, t, dhidden);
    T* dx = t["diff_src"] + c.token * s.ic;
    matmul::product<T>(1, s.hid, s.ic, row<const T>(t["diff_linear"], c.at, s.hid),
                       {t["up"] + c.expert * s.hid * s.ic, s.ic, 1}, {dx, s.ic, 1}, c.first);
    if (s.swiglu != 0) {
      matmul::product<T>(1, s.hid, s.ic, row<const T>(t["diff_gated"], c.at, s.hid),
                         {t["gate"] + c.expert * s.hid * s.ic, s.ic, 1}, {dx, s.ic, 1}, false);
    }
  }

  template <class T>
  static void activation_gradients(const Shape& s, const Call& c, Tensors<T>& t, const T* dhidden) {
    using std::exp;
    const T* linear = t["linear"] + c.at * s.hid;
    T* dlinear = t["diff_linear"] + c.at * s.hid;
    for (std::int64_t i = 0; i < s.hid; ++i) {
      if (s.swiglu == 0) {
        dlinear[i] = linear[i] > T(0) ? dhidden[i] : T(0);
        continue;
      }
      if (s.clip != 0) {
        clipped_gradients(s, dhidden[i], t["gated"][c.at * s.hid + i], linear[i],
                          t["diff_gated"][c.at * s.hid + i], dlinear[i]);
        continue;
      }
      const T gate = t["gated"][c.at * s.hid + i];
      const T sigmoid = T(1) / (T(1) + exp(-gate));
      const T active = gate * sigmoid;
      const T steep = gate * (T(1) - sigmoid);
      const T dactive = dhidden[i] * linear[i];
      const T scaled = dactive * sigmoid;
      dlinear[i] = dhidden[i] * active;
      t["diff_gated"][c.at * s.hid + i] = scaled * (T(1) + steep);
    }
  }

  /// Nothing reaches what was clipped.
  template <class T>
  static void clipped_gradients(const Shape& s, T dhidden, T gate, T linear, T& dgate, T& dlinear) {
    using std::exp;
    using std::min;
    const T most(static_cast<double>(s.clip));
    const T g = min(gate, most);
    const T scaled = T(clipped_steepness) * g;
    const T sigmoid = T(1) / (T(1) + exp(-scaled));
    const T active = g * sigmoid;
    const T steep = scaled * (T(1) - sigmoid);
    const T dactive = dhidden * (cut(s, linear) + T(1));
    const T below = dactive * sigmoid;
    const T through_gate = below * (T(1) + steep);
    const T through_linear = dhidden * active;
    dgate = gate > most ? T(0) : through_gate;
    const T above = linear > most ? T(0) : through_linear;
    dlinear = -linear > most ? T(0) : above;
  }

  template <class T>
  static void clear(Tensors<T>& tensors) {
    for (auto& entry : tensors.entries()) {
      if (entry.role == Role::output) {
        std::ranges::fill(entry.data, T(0));
      }
    }
  }

  /// dW += dy x^T, db += dy of one expert.
  template <class T>
  static void add_gradient(const Call& c, const T* dy, std::int64_t out, const T* x,
                           std::int64_t in, T* dweights, T* dbias) {
    matmul::product<T>(out, 1, in, {dy, 1, 1}, {x, in, 1}, {dweights + c.expert * in * out, in, 1},
                       false);
    for (std::int64_t i = 0; dbias != nullptr && i < out; ++i) {
      dbias[c.expert * out + i] += dy[i];
    }
  }

  template <class T>
  static void backward_weights(const Shape& s, const Call& c, Tensors<T>& t) {
    const T* x = t["src"] + c.token * s.ic;
    add_gradient<T>(c, t["diff_linear"] + c.at * s.hid, s.hid, x, s.ic, t["diff_up"],
                    t["diff_up_bias"]);
    if (s.swiglu != 0) {
      add_gradient<T>(c, t["diff_gated"] + c.at * s.hid, s.hid, x, s.ic, t["diff_gate"],
                      t["diff_gate_bias"]);
    }
    add_gradient<T>(c, t["diff_results"] + c.at * s.ic, s.ic, t["hidden"] + c.at * s.hid, s.hid,
                    t["diff_down"], t["diff_down_bias"]);
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::experts
