// What oneDNN's single-precision matrix product, C[m,n] = sum_k A[m,k] * B[k,n] by columns, executes
// with AVX2 on one thread: its kernels for a vector, for matrices as they lie, and for packed copies
// (src/cpu/x64/gemm of oneDNN; the same from 2.6 to 3.7).
#pragma once

#include <cstdint>

namespace flopmeter::avx2_sgemm {

struct Product {
  bool transposed_a = false;
  bool transposed_b = false;
  std::int64_t m = 1;
  std::int64_t n = 1;
  std::int64_t k = 1;
  /// Of a product with a vector, whether the vector that is not read or written in whole registers lies apart in
  /// memory: then it is done in pieces of 512.
  bool strided = false;
  bool never_packed = false;  // as recurrent layers ask for
};

struct Counts {
  std::int64_t products = 0;  // lanes multiplied and added, fused or apart
  std::int64_t apart =
      0;  // of these, by a multiply and an add: one or two columns left over of blocks of six
  std::int64_t scalings = 0;  // multiplies by alpha; those of packed copies are not among them
};

Counts counts(const Product& product);

}  // namespace flopmeter::avx2_sgemm
