// y = sum of a * b over the labels that y does not have: what any einsum of two operands comes to.
// a: b x m x s x k, b: b x t x k x n, y: b x m x n. Labels of a kind are one label here.
#pragma once

#include "kernels/layer.h"

namespace flopmeter::einsum {

/// Sizes by what a label is in: b all three, m and n one operand and the result, k both operands, s and
/// t one operand alone. Written as einsum is: bij,bjk->bik:4x2x3:4x3x5.
struct Shape {
  std::int64_t b, m, n, k, s, t;
  bool operator==(const Shape&) const = default;
};

struct Layer {
  using Shape = einsum::Shape;
  static constexpr std::string_view name = "einsum";
  static constexpr std::string_view equation =
      "y = sum of a * b over the labels that y does not have, as in bij,bjk->bik:4x2x3:4x3x5";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"b", &Shape::b, 1, 1, 1, 4, "labels of both operands and the result"},
      {"m", &Shape::m, 1, 1, 1, 8, "labels of the first operand and the result"},
      {"n", &Shape::n, 1, 1, 1, 8, "labels of the second operand and the result"},
      {"k", &Shape::k, 1, 1, 1, 8, "labels of both operands alone"},
      {"s", &Shape::s, 1, 1, 1, 3, "labels of the first operand alone"},
      {"t", &Shape::t, 1, 1, 1, 3, "labels of the second operand alone"},
  });
  static constexpr auto passes = std::to_array({Pass::forward, Pass::backward_data});

  static Shape parse(std::string_view text);
  static std::string print(const Shape&);
  static Shape complete(const Shape& s) { return s; }
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  /// Labels of one operand alone are summed up first, so that each product is computed once.
  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& t) {
    const std::vector<T> a = summed(t["src0"], s.b * s.m, s.s, s.k);
    const std::vector<T> b = summed(t["src1"], s.b, s.t, s.k * s.n);
    for (std::int64_t i = 0; i < s.b; ++i) {
      const T* of_a = a.data() + i * s.m * s.k;
      const T* of_b = b.data() + i * s.k * s.n;
      if (pass == Pass::forward) {
        product(s.m, s.n, s.k, {of_a, s.k, 1}, {of_b, s.n, 1}, t["dst"] + i * s.m * s.n);
        continue;
      }
      const T* dy = t["diff_dst"] + i * s.m * s.n;
      std::vector<T> da(static_cast<std::size_t>(s.m * s.k));
      std::vector<T> db(static_cast<std::size_t>(s.k * s.n));
      product(s.m, s.k, s.n, {dy, s.n, 1}, {of_b, 1, s.n}, da.data());
      product(s.k, s.n, s.m, {of_a, 1, s.k}, {dy, s.n, 1}, db.data());
      for (std::int64_t j = 0; j < s.m * s.s; ++j) {
        std::copy_n(da.data() + j / s.s * s.k, s.k, t["diff_src0"] + (i * s.m * s.s + j) * s.k);
      }
      for (std::int64_t j = 0; j < s.t; ++j) {
        std::ranges::copy(db, t["diff_src1"] + (i * s.t + j) * s.k * s.n);
      }
    }
  }

 private:
  template <class T>
  struct Matrix {
    const T* first;
    std::int64_t row, column;  // distances
  };

  /// outer x terms x inner numbers, summed up over the middle.
  template <class T>
  static std::vector<T> summed(const T* x, std::int64_t outer, std::int64_t terms,
                               std::int64_t inner) {
    std::vector<T> sums(static_cast<std::size_t>(outer * inner));
    for (std::int64_t i = 0; i < outer * inner; ++i) {
      const T* first = x + i / inner * terms * inner + i % inner;
      T sum = *first;
      for (std::int64_t j = 1; j < terms; ++j) {
        sum += first[j * inner];
      }
      sums[static_cast<std::size_t>(i)] = sum;
    }
    return sums;
  }

  template <class T>
  static void product(std::int64_t m, std::int64_t n, std::int64_t k, Matrix<T> a, Matrix<T> b,
                      T* c) {
    for (std::int64_t i = 0; i < m; ++i) {
      for (std::int64_t j = 0; j < n; ++j) {
        T sum = start_sum(a.first[i * a.row] * b.first[j * b.column]);
        for (std::int64_t l = 1; l < k; ++l) {
          sum += a.first[i * a.row + l * a.column] * b.first[l * b.row + j * b.column];
        }
        c[i * n + j] = sum;
      }
    }
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);

}  // namespace flopmeter::einsum
