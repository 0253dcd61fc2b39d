// indices[n,:] = the `active` largest x[n,e], largest first; shares[n,:] = softmax(x[n,indices])
// x: mb x experts, indices, shares: mb x active
// dx[n,indices[j]] = shares[j] * (dshares[j] - sum_i dshares[i] * shares[i]), 0 elsewhere
// As Mixtral and GPT-OSS route tokens. Where all experts take part in the softmax first and the
// shares are normalised afterwards, they are the same numbers.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/layer.h"

namespace flopmeter::routing {

/// mb16experts8active2: which 2 of 8 experts each of 16 tokens goes to.
struct Shape {
  std::int64_t mb, experts, active;
  bool operator==(const Shape&) const = default;
};

/// Indices lie in tensors of floating-point numbers, which hold all integers up to 2^24 exactly.
inline constexpr std::int64_t most_experts = std::int64_t{1} << 24U;

inline std::int64_t index(double value) { return static_cast<std::int64_t>(value); }
template <class T>
std::int64_t index(Counted<T> value) {
  return index(value.value);
}

struct Layer {
  using Shape = routing::Shape;
  static constexpr std::string_view name = "routing";
  static constexpr std::string_view equation = "shares = softmax of the largest logits of a token";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 16, "tokens"},
      {"experts", &Shape::experts, unset, 1, 1, 24, "experts to choose from"},
      {"active", &Shape::active, unset, 1, 1, 8, "experts that a token goes to"},
  });
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});
  static constexpr auto always_printed =
      std::to_array<std::string_view>({"mb", "experts", "active"});

  static Shape complete(Shape);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    for (std::int64_t n = 0; n < s.mb; ++n) {
      T* indices = tensors["indices"] + n * s.active;
      T* shares = tensors["shares"] + n * s.active;
      if (pass == Pass::forward) {
        const T* logits = tensors["src"] + n * s.experts;
        choose(s, logits, indices);
        share(s, logits, indices, shares);
      } else {
        backward(s, indices, shares, tensors["diff_shares"] + n * s.active,
                 tensors["diff_src"] + n * s.experts);
      }
    }
  }

 private:
  /// Of those that are left, each time the largest; the first of equal ones.
  template <class T>
  static void choose(const Shape& s, const T* logits, T* indices) {
    std::vector<std::int64_t> left(static_cast<std::size_t>(s.experts));
    for (std::int64_t e = 0; e < s.experts; ++e) {
      left[static_cast<std::size_t>(e)] = e;
    }
    for (std::int64_t j = 0; j < s.active; ++j) {
      auto best = left.begin();
      for (auto at = left.begin() + 1; at != left.end(); ++at) {
        best = logits[*at] > logits[*best] ? at : best;
      }
      indices[j] = T(static_cast<double>(*best));
      left.erase(best);
    }
  }

  template <class T>
  static void share(const Shape& s, const T* logits, const T* indices, T* shares) {
    using std::exp;
    const T largest = logits[index(indices[0])];
    T sum = shares[0] = exp(logits[index(indices[0])] - largest);
    for (std::int64_t j = 1; j < s.active; ++j) {
      shares[j] = exp(logits[index(indices[j])] - largest);
      sum += shares[j];
    }
    for (std::int64_t j = 0; j < s.active; ++j) {
      shares[j] /= sum;
    }
  }

  template <class T>
  static void backward(const Shape& s, const T* indices, const T* shares, const T* dshares,
                       T* dlogits) {
    T sum = start_sum(dshares[0] * shares[0]);
    for (std::int64_t j = 1; j < s.active; ++j) {
      sum += dshares[j] * shares[j];
    }
    std::fill_n(dlogits, s.experts, T(0));
    for (std::int64_t j = 0; j < s.active; ++j) {
      const T centred = dshares[j] - sum;
      dlogits[index(indices[j])] = shares[j] * centred;
    }
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::routing
