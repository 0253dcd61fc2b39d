// C = A * B, or C += A * B: sgemm of row-major matrices.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>

#include "kernels/backend.h"
#include "kernels/openblas/library.h"

namespace flopmeter::openblas {

/// A factor; transposed it is stored by columns.
struct Factor {
  const float* data;
  bool transposed = false;
};

/// C: m x n, A: m x k, B: k x n.
struct Sizes {
  std::int64_t m, k, n;
};

void gemm(const Library&, const Sizes& sizes, Factor a, Factor b, float* c, bool onto = false);

/// Every row of `rows` x `columns` becomes `row`.
void fill_rows(const float* row, std::int64_t rows, std::int64_t columns, float* to);

/// to[j] = sum_i from[i,j], or += with `onto`.
void sum_rows(const Library&, const float* from, std::int64_t rows, std::int64_t columns, float* to,
              bool onto = false);

/// The callable of a layer, or why there is none: no library, another number type, a size beyond
/// its integers, threads that it does not have.
Preparation prepared(const Setup& setup, std::initializer_list<std::int64_t> sizes,
                     std::function<void(const Library&)> compute);

}  // namespace flopmeter::openblas
