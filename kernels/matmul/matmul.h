// C[b,i,j] = bias[j] + sum_k A[b,i,k] * B[b,k,j]
// dA = dC * B^T, dB = A^T * dC, summed over the batch where it is broadcast; dbias[j] = sum
// dC[b,i,j] A: ba x m x k, B: bb x k x n, C: batch x m x n
#pragma once

#include <algorithm>

#include "kernels/layer.h"
#include "kernels/matmul/product.h"

namespace flopmeter::matmul {

/// A GEMM, written as benchdnn's: 32x512:512x1000, batched 12x128x64:12x64x128, a batch of 1 is
/// broadcast. Options follow: `_ta1` A is stored k x m, `_tb1` B is stored n x k, `_bias1`.
struct Shape {
  std::int64_t ba, bb, m, k, n, ta, tb, bias;

  std::int64_t batch() const { return ba > bb ? ba : bb; }
  bool operator==(const Shape&) const = default;
};

struct Layer {
  using Shape = matmul::Shape;
  static constexpr std::string_view name = "matmul";
  static constexpr std::string_view equation = "C[b,i,j] = bias[j] + sum_k A[b,i,k] * B[b,k,j]";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"ba", &Shape::ba, 1, 1, 1, 3, "batch of A, 1 is broadcast"},
      {"bb", &Shape::bb, 1, 1, 1, 3, "batch of B, 1 is broadcast"},
      {"m", &Shape::m, unset, 1, 1, 24, "rows of A and C"},
      {"k", &Shape::k, unset, 1, 1, 40, "columns of A, rows of B"},
      {"n", &Shape::n, unset, 1, 1, 24, "columns of B and C"},
      {"ta", &Shape::ta, 0, 0, 0, 1, "1: A is stored transposed"},
      {"tb", &Shape::tb, 0, 0, 0, 1, "1: B is stored transposed"},
      {"bias", &Shape::bias, 0, 0, 0, 1, "1: a bias for each column"},
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
    for (std::int64_t batch = 0; batch < s.batch(); ++batch) {
      switch (pass) {
        case Pass::forward:
          forward(s, batch, tensors);
          break;
        case Pass::backward_data:
          product<T>(s.m, s.n, s.k, c<const T>(s, batch, tensors["diff_dst"]),
                     b<const T>(s, batch, tensors["weights"]).transposed(),
                     a<T>(s, batch, tensors["diff_src"]), batch < s.ba);
          break;
        case Pass::backward_weights:
          product<T>(s.k, s.m, s.n, a<const T>(s, batch, tensors["src"]).transposed(),
                     c<const T>(s, batch, tensors["diff_dst"]),
                     b<T>(s, batch, tensors["diff_weights"]), batch < s.bb);
          sum_rows(s, batch, tensors);
          break;
      }
    }
  }

 private:
  // The matrices of one element of the batch.
  template <class T>
  static Matrix<T> a(const Shape& s, std::int64_t batch, T* data) {
    data += batch % s.ba * s.m * s.k;
    return s.ta != 0 ? Matrix<T>{data, 1, s.m} : Matrix<T>{data, s.k, 1};
  }
  template <class T>
  static Matrix<T> b(const Shape& s, std::int64_t batch, T* data) {
    data += batch % s.bb * s.k * s.n;
    return s.tb != 0 ? Matrix<T>{data, 1, s.k} : Matrix<T>{data, s.n, 1};
  }
  template <class T>
  static Matrix<T> c(const Shape& s, std::int64_t batch, T* data) {
    return {data + batch * s.m * s.n, s.n, 1};
  }

  template <class T>
  static void forward(const Shape& s, std::int64_t batch, Tensors<T>& tensors) {
    const Matrix<T> y = c(s, batch, tensors["dst"]);
    const T* bias = tensors["bias"];
    for (std::int64_t i = 0; bias != nullptr && i < s.m; ++i) {
      std::copy_n(bias, s.n, y.data + i * s.n);
    }
    product<T>(s.m, s.k, s.n, a<const T>(s, batch, tensors["src"]),
               b<const T>(s, batch, tensors["weights"]), y, bias == nullptr);
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
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::matmul
