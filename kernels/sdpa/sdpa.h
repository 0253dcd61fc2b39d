// dst = softmax(q * k^T / sqrt(d)) * v for each head, scaled dot-product attention without
// projections Gradients: dP = dO*v^T, dS = P*(dP - sum_j dP*P)/sqrt(d), dq = dS*k, dk = dS^T*q, dv
// = P^T*dO
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/layer.h"
#include "kernels/sdpa/heads.h"

namespace flopmeter::sdpa {

struct Layer {
  using Shape = sdpa::Shape;
  static constexpr std::string_view name = "sdpa";
  static constexpr std::string_view equation = "dst = softmax(q * k^T / sqrt(d)) * v, head by head";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 1, 1, 1, 3, "samples"},
      {"h", &Shape::h, unset, 1, 1, 4, "heads of the queries"},
      {"hkv", &Shape::hkv, unset, 1, 1, 4,
       "heads of keys and values, shared by groups of queries'"},
      {"lq", &Shape::lq, unset, 1, 1, 9, "queries"},
      {"lk", &Shape::lk, unset, 1, 1, 12, "keys and values"},
      {"d", &Shape::d, unset, 1, 1, 12, "features of a head"},
      {"causal", &Shape::causal, 0, 0, 0, 1, "1: no query sees keys behind its own position"},
  });
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "h", "lq", "d"});

  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Variable> variables(const Shape&);
  static Shape padded_out(const Shape&);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    for (std::int64_t sample = 0; sample < s.mb; ++sample) {
      for (std::int64_t head = 0; head < s.h; ++head) {
        if (pass == Pass::forward) {
          forward(s, Head<T>(s, sample, head, tensors));
        } else {
          backward(s, HeadGradients<T>(s, sample, head, tensors));
        }
      }
    }
  }

 private:
  /// Query by query, so that no key behind a causal query's position is touched.
  template <class T>
  static void forward(const Shape& s, const Head<T>& x) {
    using std::max;
    for (std::int64_t i = 0; i < s.lq; ++i) {
      const std::int64_t keys = s.keys_of(i);
      T* p = x.probabilities + i * s.lk;
      std::fill(p + keys, p + s.lk, T(0));
      matmul::product<T>(1, s.d, keys, x.q.from(i), x.k.transposed(), {p, s.lk, 1}, true);
      const T scale(s.scale());
      T largest = p[0] = p[0] * scale;
      for (std::int64_t j = 1; j < keys; ++j) {
        p[j] = p[j] * scale;
        largest = max(largest, p[j]);
      }
      normalise(p, keys, largest);
      matmul::product<T>(1, keys, s.d, {p, s.lk, 1}, x.v, x.dst.from(i), true);
    }
  }

  template <class T>
  static void normalise(T* p, std::int64_t keys, T largest) {
    using std::exp;
    T sum = p[0] = exp(p[0] - largest);
    for (std::int64_t j = 1; j < keys; ++j) {
      p[j] = exp(p[j] - largest);
      sum += p[j];
    }
    for (std::int64_t j = 0; j < keys; ++j) {
      p[j] /= sum;
    }
  }

  /// The first query of a group that sees a key starts the sums of that key's gradients.
  template <class T>
  static void backward(const Shape& s, const HeadGradients<T>& x) {
    std::vector<T> ds(static_cast<std::size_t>(s.lk));
    for (std::int64_t i = 0; i < s.lq; ++i) {
      const std::int64_t keys = s.keys_of(i);
      const T* p = x.probabilities + i * s.lk;
      score_gradients(s, x, i, ds.data());
      matmul::product<T>(1, keys, s.d, {ds.data(), keys, 1}, x.k, x.diff_q.from(i), true);
      const std::int64_t known = !x.first_of_group ? keys : i == 0 ? 0 : s.keys_of(i - 1);
      for (const auto& [from, to, starts] : {Span{0, known, false}, Span{known, keys, true}}) {
        matmul::product<T>(to - from, 1, s.d, {ds.data() + from, 1, 1}, x.q.from(i),
                           x.diff_k.from(from), starts);
        matmul::product<T>(to - from, 1, s.d, {p + from, 1, 1}, x.diff_dst.from(i),
                           x.diff_v.from(from), starts);
      }
    }
  }

  struct Span {
    std::int64_t from, to;
    bool starts;
  };

  template <class T>
  static void score_gradients(const Shape& s, const HeadGradients<T>& x, std::int64_t i, T* ds) {
    const std::int64_t keys = s.keys_of(i);
    const T* p = x.probabilities + i * s.lk;
    const T scale(s.scale());
    matmul::product<T>(1, s.d, keys, x.diff_dst.from(i), x.v.transposed(), {ds, keys, 1}, true);
    T sum = start_sum(ds[0] * p[0]);
    for (std::int64_t j = 1; j < keys; ++j) {
      sum += ds[j] * p[j];
    }
    for (std::int64_t j = 0; j < keys; ++j) {
      const T centred = ds[j] - sum;
      const T weighted = p[j] * centred;
      ds[j] = weighted * scale;
    }
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::sdpa
