// C[b,i,j] = bias[j] + sum_k A[b,i,k] * B[b,k,j]
// dA = dC * B^T, dB = A^T * dC, summed over the axes that are broadcast; dbias[j] = sum dC[b,i,j]
// A: ba x m x k, B: bb x k x n, C: batch x m x n
#pragma once

#include <algorithm>

#include "kernels/layer.h"
#include "kernels/matmul/batch.h"
#include "kernels/matmul/product.h"

namespace flopmeter::matmul {

/// A GEMM, written as benchdnn's: 32x512:512x1000, batched 12x128x64:12x64x128; each batch axis that
/// is 1 in one of the two is broadcast: 4x1x8x16:1x4x16x32. Options follow: `_ta1` A is stored k x m,
/// `_tb1` B is stored n x k, `_bias1`. ba and bb are the products of all batch axes, a4 to a12 those
/// before the innermost, counted from the last dimension.
struct Shape {
  std::int64_t ba, bb, m, k, n, ta, tb, bias;
  std::int64_t a4 = 1, b4 = 1, a5 = 1, b5 = 1, a6 = 1, b6 = 1, a7 = 1, b7 = 1, a8 = 1, b8 = 1;
  std::int64_t a9 = 1, b9 = 1, a10 = 1, b10 = 1, a11 = 1, b11 = 1, a12 = 1, b12 = 1;

  Axes a() const;
  Axes b() const;
  Axes c() const { return broadcast(a(), b()); }
  void set_axes(const Axes& of_a, const Axes& of_b);
  /// Products of matrices. Throws CountOverflow.
  std::int64_t batch() const { return total(c()); }
  /// The same products with fewer matrices: where inner axes have one B, the matrices of A are rows
  /// of one product, so that B is packed once.
  Shape folded() const;
  bool operator==(const Shape&) const = default;
};

struct Layer {
  using Shape = matmul::Shape;
  static constexpr std::string_view name = "matmul";
  static constexpr std::string_view equation = "C[b,i,j] = bias[j] + sum_k A[b,i,k] * B[b,k,j]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"ba", &Shape::ba, 1, 1, 1, 6, "matrices of A, the product of its batch axes"},
      {"bb", &Shape::bb, 1, 1, 1, 6, "matrices of B, the product of its batch axes"},
      {"m", &Shape::m, unset, 1, 1, 24, "rows of A and C"},
      {"k", &Shape::k, unset, 1, 1, 40, "columns of A, rows of B"},
      {"n", &Shape::n, unset, 1, 1, 24, "columns of B and C"},
      {"ta", &Shape::ta, 0, 0, 0, 1, "1: A is stored transposed"},
      {"tb", &Shape::tb, 0, 0, 0, 1, "1: B is stored transposed"},
      {"bias", &Shape::bias, 0, 0, 0, 1, "1: a bias for each column"},
      {"a4", &Shape::a4, 1, 1, 1, 2, "dimension 4 of A from the last, part of ba"},
      {"b4", &Shape::b4, 1, 1, 1, 2, "dimension 4 of B from the last, part of bb"},
      {"a5", &Shape::a5, 1, 1, 1, 2, "dimension 5 of A from the last, part of ba"},
      {"b5", &Shape::b5, 1, 1, 1, 2, "dimension 5 of B from the last, part of bb"},
      {"a6", &Shape::a6, 1, 1, 1, 1, "dimension 6 of A from the last, part of ba"},
      {"b6", &Shape::b6, 1, 1, 1, 1, "dimension 6 of B from the last, part of bb"},
      {"a7", &Shape::a7, 1, 1, 1, 1, "dimension 7 of A from the last, part of ba"},
      {"b7", &Shape::b7, 1, 1, 1, 1, "dimension 7 of B from the last, part of bb"},
      {"a8", &Shape::a8, 1, 1, 1, 1, "dimension 8 of A from the last, part of ba"},
      {"b8", &Shape::b8, 1, 1, 1, 1, "dimension 8 of B from the last, part of bb"},
      {"a9", &Shape::a9, 1, 1, 1, 1, "dimension 9 of A from the last, part of ba"},
      {"b9", &Shape::b9, 1, 1, 1, 1, "dimension 9 of B from the last, part of bb"},
      {"a10", &Shape::a10, 1, 1, 1, 1, "dimension 10 of A from the last, part of ba"},
      {"b10", &Shape::b10, 1, 1, 1, 1, "dimension 10 of B from the last, part of bb"},
      {"a11", &Shape::a11, 1, 1, 1, 1, "dimension 11 of A from the last, part of ba"},
      {"b11", &Shape::b11, 1, 1, 1, 1, "dimension 11 of B from the last, part of bb"},
      {"a12", &Shape::a12, 1, 1, 1, 1, "dimension 12 of A from the last, part of ba"},
      {"b12", &Shape::b12, 1, 1, 1, 1, "dimension 12 of B from the last, part of bb"},
  });

  static constexpr auto passes = all_passes;

  static Shape parse(std::string_view text);
  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Variable> variables(const Shape&);
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
  static std::vector<Backend<Shape>> backends();

  template <class T>
  static void reference(const Shape& s, Pass pass, Tensors<T>& tensors) {
    const Axes a_axes = s.a();
    const Axes b_axes = s.b();
    const Axes axes = s.c();
    for (std::int64_t i = 0; i < total(axes); ++i) {
      one(s, {i, place(a_axes, axes, i), place(b_axes, axes, i)}, pass, tensors);
    }
  }

 private:
  /// One product: the matrix of C, and those of A and B.
  struct Element {
    std::int64_t c;
    Place a, b;
  };

  template <class T>
  static Matrix<T> a(const Shape& s, const Element& e, T* data) {
    data += e.a.at * s.m * s.k;
    return s.ta != 0 ? Matrix<T>{data, 1, s.m} : Matrix<T>{data, s.k, 1};
  }
  template <class T>
  static Matrix<T> b(const Shape& s, const Element& e, T* data) {
    data += e.b.at * s.k * s.n;
    return s.tb != 0 ? Matrix<T>{data, 1, s.k} : Matrix<T>{data, s.n, 1};
  }
  template <class T>
  static Matrix<T> c(const Shape& s, const Element& e, T* data) {
    return {data + e.c * s.m * s.n, s.n, 1};
  }

  template <class T>
  static void one(const Shape& s, const Element& e, Pass pass, Tensors<T>& tensors) {
    switch (pass) {
      case Pass::forward:
        forward(s, e, tensors);
        break;
      case Pass::backward_data:
        product<T>(s.m, s.n, s.k, c<const T>(s, e, tensors["diff_dst"]),
                   b<const T>(s, e, tensors["weights"]).transposed(),
                   a<T>(s, e, tensors["diff_src"]), e.a.first);
        break;
      case Pass::backward_weights:
        product<T>(s.k, s.m, s.n, a<const T>(s, e, tensors["src"]).transposed(),
                   c<const T>(s, e, tensors["diff_dst"]), b<T>(s, e, tensors["diff_weights"]),
                   e.b.first);
        sum_rows(s, e.c, tensors);
        break;
    }
  }

  template <class T>
  static void forward(const Shape& s, const Element& e, Tensors<T>& tensors) {
    const Matrix<T> y = c(s, e, tensors["dst"]);
    const T* bias = tensors["bias"];
    for (std::int64_t i = 0; bias != nullptr && i < s.m; ++i) {
      std::copy_n(bias, s.n, y.data + i * s.n);
    }
    product<T>(s.m, s.k, s.n, a<const T>(s, e, tensors["src"]),
               b<const T>(s, e, tensors["weights"]), y, bias == nullptr);
  }

  /// The gradient of the bias.
  template <class T>
  static void sum_rows(const Shape& s, std::int64_t batch, Tensors<T>& tensors) {
    T* sums = tensors["diff_bias"];
    const T* dy = tensors["diff_dst"] + batch * s.m * s.n;
    for (std::int64_t i = 0; sums != nullptr && i < s.m; ++i) {
      for (std::int64_t j = 0; j < s.n; ++j) {
        sums[j] = batch == 0 && i == 0 ? dy[j] : sums[j] + dy[i * s.n + j];
      }
    }
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
void eigen_in_double(const Shape&, Tensors<double>&, int threads);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::matmul
