// The shape of attention, and where the matrices of one head lie: heads are columns of the tensors,
// as a projection leaves them, so that nothing has to be moved.
#pragma once

#include <cmath>

#include "kernels/matmul/product.h"
#include "kernels/operand.h"

namespace flopmeter::sdpa {

/// mb32h8lq16d64, with grouped queries mb1h32hkv8lq128d128, decoding mb1h32lq1lk1024d128.
struct Shape {
  std::int64_t mb, h, hkv, lq, lk, d, causal;

  /// The keys that query i sees. The last query sees all of them, also behind a cache.
  std::int64_t keys_of(std::int64_t i) const { return causal != 0 ? lk - lq + i + 1 : lk; }
  double scale() const { return 1 / std::sqrt(static_cast<double>(d)); }
  /// The heads of keys and values that a head of the queries uses.
  std::int64_t group_of(std::int64_t head) const { return head / (h / hkv); }
  bool operator==(const Shape&) const = default;
};

/// Rows of a head: row i, `from(i)` and those behind it.
template <class T>
struct Rows : matmul::Matrix<T> {
  Rows(T* first, std::int64_t distance) : matmul::Matrix<T>{first, distance, 1} {}
  matmul::Matrix<T> from(std::int64_t i) const {
    return {this->data + i * this->row, this->row, this->column};
  }
};

/// One head of the forward pass. Rows are tokens, columns the head's d features; probabilities are
/// lq x lk.
template <class T>
struct Head {
  Rows<const T> q, k, v;
  Rows<T> dst;
  T* probabilities;

  Head(const Shape& s, std::int64_t sample, std::int64_t head, Tensors<T>& t)
      : q(rows_of<const T>(t["src_q"], sample, s.lq, s.h, head, s.d)),
        k(rows_of<const T>(t["src_k"], sample, s.lk, s.hkv, s.group_of(head), s.d)),
        v(rows_of<const T>(t["src_v"], sample, s.lk, s.hkv, s.group_of(head), s.d)),
        dst(rows_of<T>(t["dst"], sample, s.lq, s.h, head, s.d)),
        probabilities(t["probabilities"] + (sample * s.h + head) * s.lq * s.lk) {}

  template <class U>
  static Rows<U> rows_of(U* data, std::int64_t sample, std::int64_t tokens, std::int64_t heads,
                         std::int64_t head, std::int64_t d) {
    return {data + (sample * tokens * heads + head) * d, heads * d};
  }
};

/// The same of the backward pass.
template <class T>
struct HeadGradients {
  Rows<const T> q, k, v, diff_dst;
  Rows<T> diff_q, diff_k, diff_v;
  const T* probabilities;
  bool first_of_group;

  HeadGradients(const Shape& s, std::int64_t sample, std::int64_t head, Tensors<T>& t)
      : q(queries<const T>(s, sample, head, t["src_q"])),
        k(keys<const T>(s, sample, head, t["src_k"])),
        v(keys<const T>(s, sample, head, t["src_v"])),
        diff_dst(queries<const T>(s, sample, head, t["diff_dst"])),
        diff_q(queries<T>(s, sample, head, t["diff_src_q"])),
        diff_k(keys<T>(s, sample, head, t["diff_src_k"])),
        diff_v(keys<T>(s, sample, head, t["diff_src_v"])),
        probabilities(t["probabilities"] + (sample * s.h + head) * s.lq * s.lk),
        first_of_group(head % (s.h / s.hkv) == 0) {}

 private:
  template <class U>
  static Rows<U> queries(const Shape& s, std::int64_t sample, std::int64_t head, U* data) {
    return Head<T>::template rows_of<U>(data, sample, s.lq, s.h, head, s.d);
  }
  template <class U>
  static Rows<U> keys(const Shape& s, std::int64_t sample, std::int64_t head, U* data) {
    return Head<T>::template rows_of<U>(data, sample, s.lk, s.hkv, s.group_of(head), s.d);
  }
};

}  // namespace flopmeter::sdpa
