// dst = softmax(q * k^T / sqrt(d)) * v for each head: scaled dot-product attention, no projections
// Gradients: dP = dO*v^T, dS = P*(dP - sum_j dP*P)/sqrt(d), dq = dS*k, dk = dS^T*q, dv = P^T*dO
// A query that sees no key has the result 0, as fused kernels define it. With a sink z of the head the
// softmax's sum has exp(z) besides; dz = -sum_i (1 - sum_j P) * sum_j dP*P
// With a soft cap c scores are c*t, t = tanh(q*k/(sqrt(d)*c)), and dS has a factor 1 - t*t
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
      {"d", &Shape::d, unset, 1, 1, 12, "features of a head of queries and keys"},
      {"dv", &Shape::dv, unset, 1, 1, 12, "features of a head of values, d unless given"},
      {"causal", &Shape::causal, 0, 0, 0, 1,
       "1: no query sees keys behind its own position, which is bottomright unless topleft1"},
      {"topleft", &Shape::topleft, unset, 0, 0, 1,
       "1: the first query stands at the first key (PyTorch's is_causal)"},
      {"bottomright", &Shape::bottomright, unset, 0, 0, 1,
       "1: the last query stands at the last key (FlashAttention, a cache); the default"},
      {"window", &Shape::window, 0, 0, 0, 5,
       "keys that are this far from a query's position or further are not seen, 0: no limit"},
      {"mask", &Shape::mask, 0, 0, 0, 4,
       "pairs of query and key in a head that a mask leaves, 0: no such mask"},
      {"sink", &Shape::sink, 0, 0, 0, 1, "1: a learned score a head that no value belongs to"},
      {"softcap", &Shape::softcap, 0, 0, 0, 3,
       "scores are softcap * tanh(score / softcap), 0: as they are (Gemma 2: 50)"},
  });
  static constexpr auto passes = all_passes;
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
    if (pass == Pass::backward_weights) {
      return sink_gradients(s, tensors);
    }
    std::vector<bool> started;
    for (std::int64_t sample = 0; sample < s.mb; ++sample) {
      for (std::int64_t head = 0; head < s.h; ++head) {
        if (pass == Pass::forward) {
          forward(s, Head<T>(s, sample, head, tensors));
        } else {
          backward(s, HeadGradients<T>(s, sample, head, tensors), started);
        }
      }
    }
  }

 private:
  /// Query by query, so that no key that a query does not see is touched.
  template <class T>
  static void forward(const Shape& s, const Head<T>& x) {
    for (std::int64_t i = 0; i < s.lq; ++i) {
      const Keys keys = s.keys_of(i);
      T* row = x.probabilities + i * s.lk;
      std::fill(row, row + s.lk, T(0));
      if (keys.count() == 0) {
        std::fill_n(x.dst.from(i).data, s.dv, T(0));
        if (x.capped != nullptr) {
          std::fill_n(x.capped + i * s.lk, s.lk, T(0));
        }
        continue;
      }
      T* p = row + keys.from;
      matmul::product<T>(1, s.d, keys.count(), x.q.from(i), x.k.from(keys.from).transposed(),
                         {p, s.lk, 1}, true);
      scale(p, keys.count(), static_cast<T>(s.scale()));
      if (x.capped != nullptr) {
        T* capped = x.capped + i * s.lk;
        std::fill(capped, capped + s.lk, T(0));
        cap(p, keys.count(), static_cast<T>(static_cast<double>(s.softcap)), capped + keys.from);
      }
      normalise(p, keys.count(), largest_of(p, keys.count()), x.sink);
      matmul::product<T>(1, keys.count(), s.dv, {p, s.lk, 1}, x.v.from(keys.from), x.dst.from(i),
                         true);
    }
  }

  template <class T>
  static void scale(T* p, std::int64_t keys, T factor) {
    for (std::int64_t j = 0; j < keys; ++j) {
      p[j] = p[j] * factor;
    }
  }

  template <class T>
  static void cap(T* p, std::int64_t keys, T most, T* capped) {
    using std::tanh;
    for (std::int64_t j = 0; j < keys; ++j) {
      capped[j] = tanh(p[j] / most);
      p[j] = capped[j] * most;
    }
  }

  template <class T>
  static T largest_of(const T* p, std::int64_t keys) {
    using std::max;
    T largest = p[0];
    for (std::int64_t j = 1; j < keys; ++j) {
      largest = max(largest, p[j]);
    }
    return largest;
  }

  template <class T>
  static void normalise(T* p, std::int64_t keys, T largest, const T* sink) {
    using std::exp;
    using std::max;
    largest = sink != nullptr ? max(largest, *sink) : largest;
    T sum = p[0] = exp(p[0] - largest);
    for (std::int64_t j = 1; j < keys; ++j) {
      p[j] = exp(p[j] - largest);
      sum += p[j];
    }
    if (sink != nullptr) {
      sum += exp(*sink - largest);
    }
    for (std::int64_t j = 0; j < keys; ++j) {
      p[j] /= sum;
    }
  }

  template <class T>
  static void sink_gradients(const Shape& s, Tensors<T>& tensors) {
    for (std::int64_t head = 0; s.sink != 0 && head < s.h; ++head) {
      T sum(0);
      bool starts = true;
      for (std::int64_t row = 0; row < s.mb * s.lq; ++row) {
        const std::int64_t sample = row / s.lq;
        const std::int64_t i = row % s.lq;
        const Keys keys = s.keys_of(i);
        if (keys.count() == 0) {
          continue;
        }
        const std::int64_t at = (sample * s.h + head) * s.lq + i;
        const T* p = tensors["probabilities"] + at * s.lk;
        T share(1);
        for (std::int64_t j = keys.from; j < keys.to; ++j) {
          share -= p[j];
        }
        const T pulled = tensors["row_sums"][at];
        if (starts) {
          sum = start_sum(share * pulled);
        } else {
          sum += share * pulled;
        }
        starts = false;
      }
      tensors["diff_sinks"][head] = -sum;
    }
  }

  /// The first query of a group that sees a key starts the sums of that key's gradients; `started`
  /// are the keys that have been seen.
  template <class T>
  static void backward(const Shape& s, const HeadGradients<T>& x, std::vector<bool>& started) {
    if (x.first_of_group) {
      started.assign(static_cast<std::size_t>(s.lk), false);
      clear(x.diff_k, s.lk, s.d);
      clear(x.diff_v, s.lk, s.dv);
    }
    std::vector<T> ds(static_cast<std::size_t>(s.lk));
    for (std::int64_t i = 0; i < s.lq; ++i) {
      const Keys keys = s.keys_of(i);
      if (keys.count() == 0) {
        std::fill_n(x.diff_q.from(i).data, s.d, T(0));
        if (x.row_sums != nullptr) {
          x.row_sums[i] = T(0);
        }
        continue;
      }
      score_gradients(s, x, i, ds.data());
      matmul::product<T>(1, keys.count(), s.d, {ds.data() + keys.from, s.lk, 1},
                         x.k.from(keys.from), x.diff_q.from(i), true);
      for (std::int64_t from = keys.from; from < keys.to;) {
        const Keys alike = alike_from(started, {from, keys.to});
        key_gradients(s, x, i, alike, ds.data(), !started[static_cast<std::size_t>(from)]);
        from = alike.to;
      }
      std::fill(started.begin() + keys.from, started.begin() + keys.to, true);
    }
  }

  template <class T>
  static void clear(const Rows<T>& rows, std::int64_t tokens, std::int64_t features) {
    for (std::int64_t j = 0; j < tokens; ++j) {
      std::fill_n(rows.from(j).data, features, T(0));
    }
  }

  /// The first of the keys and those behind it that are all started, or all not.
  static Keys alike_from(const std::vector<bool>& started, Keys keys) {
    const auto first = started.begin() + keys.from;
    const auto end = std::find(first, started.begin() + keys.to, !*first);
    return {keys.from, end - started.begin()};
  }

  /// What query i adds to the gradients of these keys and their values.
  template <class T>
  static void key_gradients(const Shape& s, const HeadGradients<T>& x, std::int64_t i, Keys keys,
                            const T* ds, bool starts) {
    const T* p = x.probabilities + i * s.lk;
    matmul::product<T>(keys.count(), 1, s.d, {ds + keys.from, 1, 1}, x.q.from(i),
                       x.diff_k.from(keys.from), starts);
    matmul::product<T>(keys.count(), 1, s.dv, {p + keys.from, 1, 1}, x.diff_dst.from(i),
                       x.diff_v.from(keys.from), starts);
  }

  /// Those of query i with the keys that it sees.
  template <class T>
  static void score_gradients(const Shape& s, const HeadGradients<T>& x, std::int64_t i, T* ds) {
    const Keys keys = s.keys_of(i);
    const T* p = x.probabilities + i * s.lk;
    const T scale = static_cast<T>(s.scale());
    matmul::product<T>(1, s.dv, keys.count(), x.diff_dst.from(i), x.v.from(keys.from).transposed(),
                       {ds + keys.from, s.lk, 1}, true);
    T sum = start_sum(ds[keys.from] * p[keys.from]);
    for (std::int64_t j = keys.from + 1; j < keys.to; ++j) {
      sum += ds[j] * p[j];
    }
    if (x.row_sums != nullptr) {
      x.row_sums[i] = sum;
    }
    for (std::int64_t j = keys.from; j < keys.to; ++j) {
      const T centred = ds[j] - sum;
      T weighted = p[j] * centred;
      if (x.capped != nullptr) {
        const T square = x.capped[i * s.lk + j] * x.capped[i * s.lk + j];
        weighted = weighted * (T(1) - square);
      }
      ds[j] = weighted * scale;
    }
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::sdpa
