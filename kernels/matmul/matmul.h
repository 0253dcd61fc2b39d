// C[b,i,j] = bias[j] + sum_k A[b,i,k] * B[b,k,j]        A: ba x m x k, B: bb x k x n, C: batch x m
// x n
#pragma once

#include "kernels/layer.h"

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

  static Shape parse(std::string_view text);
  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Variable> variables(const Shape&);
  static Shape padded_out(const Shape& shape) { return shape; }
  static std::vector<Operand> operands(const Shape&, Pass);
  static Formula formula(const Shape&, Pass);
  static Tolerance tolerance(const Shape&, Dtype);
  static std::vector<Backend<Shape>> backends();

  // Row by row of B, so that the inner loop runs along contiguous C and B.
  template <class T>
  static void reference(const Shape& s, Pass, Tensors<T>& tensors) {
    const T* bias = tensors["bias"];
    const std::int64_t a_row = s.ta != 0 ? 1 : s.k;
    const std::int64_t a_col = s.ta != 0 ? s.m : 1;
    const std::int64_t b_row = s.tb != 0 ? 1 : s.n;
    const std::int64_t b_col = s.tb != 0 ? s.k : 1;
    for (std::int64_t batch = 0; batch < s.batch(); ++batch) {
      const T* b = tensors["weights"] + (batch % s.bb) * s.k * s.n;
      for (std::int64_t i = 0; i < s.m; ++i) {
        const T* a = tensors["src"] + (batch % s.ba) * s.m * s.k + i * a_row;
        T* c = tensors["dst"] + (batch * s.m + i) * s.n;
        for (std::int64_t j = 0; j < s.n; ++j) {
          c[j] = bias != nullptr ? bias[j] : start_sum(a[0] * b[j * b_col]);
        }
        for (std::int64_t k = bias != nullptr ? 0 : 1; k < s.k; ++k) {
          const T a_ik = a[k * a_col];
          const T* b_k = b + k * b_row;
          for (std::int64_t j = 0; j < s.n; ++j) {
            c[j] += a_ik * b_k[j * b_col];
          }
        }
      }
    }
  }
};

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::matmul
