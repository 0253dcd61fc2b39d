// Where the matrices of one head lie: heads are columns of the tensors, as a projection leaves them,
// so that nothing has to be moved.
#pragma once

#include "kernels/matmul/product.h"
#include "kernels/operand.h"
#include "kernels/sdpa/shape.h"

namespace flopmeter::sdpa {

/// Rows of a head: row i, `from(i)` and those behind it.
template <class T>
struct Rows : matmul::Matrix<T> {
  Rows(T* first, std::int64_t distance) : matmul::Matrix<T>{first, distance, 1} {}
  matmul::Matrix<T> from(std::int64_t i) const {
    return {this->data + i * this->row, this->row, this->column};
  }
};

/// One head of the forward pass. Rows are tokens, columns the head's d features, dv
/// of values; probabilities are lq x lk.
template <class T>
struct Head {
  Rows<const T> q, k, v;
  Rows<T> dst;
  T* probabilities;
  const T* sink;  // null without one
  T* capped;      // tanh of scores below a soft cap, lq x lk; null without one

  Head(const Shape& s, std::int64_t sample, std::int64_t head, Tensors<T>& t)
      : q(rows_of<const T>(t["src_q"], sample, s.lq, s.h, head, s.d)),
        k(rows_of<const T>(t["src_k"], sample, s.lk, s.hkv, s.group_of(head), s.d)),
        v(rows_of<const T>(t["src_v"], sample, s.lk, s.hkv, s.group_of(head), s.dv)),
        dst(rows_of<T>(t["dst"], sample, s.lq, s.h, head, s.dv)),
        probabilities(t["probabilities"] + (sample * s.h + head) * s.lq * s.lk),
        sink(s.sink != 0 ? t["sinks"] + head : nullptr),
        capped(s.softcap != 0 ? t["capped"] + (sample * s.h + head) * s.lq * s.lk : nullptr) {}

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
  T* row_sums;      // of dP*P, which sinks need; null without one
  const T* capped;  // null without a soft cap
  bool first_of_group;

  HeadGradients(const Shape& s, std::int64_t sample, std::int64_t head, Tensors<T>& t)
      : q(queries<const T>(s, sample, head, t["src_q"], s.d)),
        k(keys<const T>(s, sample, head, t["src_k"], s.d)),
        v(keys<const T>(s, sample, head, t["src_v"], s.dv)),
        diff_dst(queries<const T>(s, sample, head, t["diff_dst"], s.dv)),
        diff_q(queries<T>(s, sample, head, t["diff_src_q"], s.d)),
        diff_k(keys<T>(s, sample, head, t["diff_src_k"], s.d)),
        diff_v(keys<T>(s, sample, head, t["diff_src_v"], s.dv)),
        probabilities(t["probabilities"] + (sample * s.h + head) * s.lq * s.lk),
        row_sums(s.sink != 0 ? t["row_sums"] + (sample * s.h + head) * s.lq : nullptr),
        capped(s.softcap != 0 ? t["capped"] + (sample * s.h + head) * s.lq * s.lk : nullptr),
        first_of_group(head % (s.h / s.hkv) == 0) {}

 private:
  template <class U>
  static Rows<U> queries(const Shape& s, std::int64_t sample, std::int64_t head, U* data,
                         std::int64_t features) {
    return Head<T>::template rows_of<U>(data, sample, s.lq, s.h, head, features);
  }
  template <class U>
  static Rows<U> keys(const Shape& s, std::int64_t sample, std::int64_t head, U* data,
                      std::int64_t features) {
    return Head<T>::template rows_of<U>(data, sample, s.lk, s.hkv, s.group_of(head), features);
  }
};

}  // namespace flopmeter::sdpa
