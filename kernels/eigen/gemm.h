// C = A * B or C += A * B by Eigen, and what Eigen does for it, operation by operation.
#pragma once

#include <cstdint>

#include "counters/op_counts.h"

namespace flopmeter::eigen {

/// How a matrix lies in memory: row by row, or column by column when transposed. `stride` is the
/// distance of these rows or columns.
struct Layout {
  std::int64_t stride;
  bool transposed = false;
};

/// A product of A (m x k) and B (k x n) into C (m x n, row by row).
struct GemmShape {
  std::int64_t m, k, n;
  Layout a, b;
  std::int64_t c_stride;
  bool accumulate;  // C += A * B
};

/// Eigen's product. T is float, double or Counted<float>.
template <class T>
void gemm(const GemmShape& shape, const T* a, const T* b, T* c);

/// What `gemm` does on Counted<float> with one thread, where Eigen chooses its algorithm by the
/// shape:
///   m + n + k < 20   each result a sum of k products; + m*n adds when it accumulates
///   otherwise        C += alpha * (A * B), with alpha = 1 but multiplied all the same:
///     GEMM             + m*n MACs for each block of the depth, + 2 multiplies for alpha itself
///     GEMV (m or n 1)  + one MAC a result, for each block of the depth where the matrix is walked
///                      by columns
/// In GEMM a row that is left over has two accumulators, merged by an add. Throws CountOverflow.
OpCounts gemm_counts(const GemmShape& shape);

/// The number of threads that Eigen uses on the calling thread while this object lives. OpenMP's
/// setting belongs to the calling thread; Eigen::setNbThreads is one for the whole process, so that
/// two threads counting at a time would undo each other's.
class UseThreads {
 public:
  explicit UseThreads(int threads);
  ~UseThreads();
  UseThreads(const UseThreads&) = delete;
  UseThreads& operator=(const UseThreads&) = delete;

 private:
  int before_;
};

}  // namespace flopmeter::eigen
