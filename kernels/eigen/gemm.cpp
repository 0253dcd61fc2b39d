#include "kernels/eigen/gemm.h"

// GCC 12 takes its own AVX-512 intrinsics, inlined from Eigen's packing, for uninitialised reads.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <omp.h>

#include <Eigen/Core>
#include <algorithm>

#include "kernels/eigen/counted_scalar.h"

namespace flopmeter::eigen {
namespace {

using Eigen::Dynamic;
using Eigen::Index;

template <class T, int order>
using ConstMatrix =
    Eigen::Map<const Eigen::Matrix<T, Dynamic, Dynamic, order>, 0, Eigen::OuterStride<>>;

template <class T>
using RowMajorMatrix =
    Eigen::Map<Eigen::Matrix<T, Dynamic, Dynamic, Eigen::RowMajor>, 0, Eigen::OuterStride<>>;

/// Eigen sums up each result of small products by itself.
bool coefficient_based(const GemmShape& s) {
  return checked_add(checked_add(s.m, s.n), s.k) < EIGEN_GEMM_TO_COEFFBASED_THRESHOLD;
}

template <class T>
void set_zero(const GemmShape& s, T* c) {
  const bool gaps = s.c_stride != s.n;
  for (Index row = 0; row < (gaps ? s.m : 1); ++row) {
    std::fill_n(c + row * s.c_stride, gaps ? s.n : s.m * s.n, T(0));
  }
}

template <int a_order, int b_order, class T>
void multiply(const GemmShape& s, const T* a_data, const T* b_data, T* c_data) {
  const ConstMatrix<T, a_order> a(a_data, s.m, s.k, Eigen::OuterStride<>(s.a.stride));
  const ConstMatrix<T, b_order> b(b_data, s.k, s.n, Eigen::OuterStride<>(s.b.stride));
  RowMajorMatrix<T> c(c_data, s.m, s.n, Eigen::OuterStride<>(s.c_stride));
  if (!s.accumulate && coefficient_based(s)) {
    c.noalias() = a * b;
    return;
  }
  if (!s.accumulate) {
    // Eigen would do the same, but row by row even where there are no gaps.
    set_zero(s, c_data);
  }
  c.noalias() += a * b;
}

OpCounts macs(std::int64_t count) { return {.macs = count, .multiplies = count, .adds = count}; }

std::int64_t blocks(std::int64_t length, std::int64_t block) { return (length - 1) / block + 1; }

/// y += alpha * M * x, with r results. The block of columns is that of Eigen's
/// general_matrix_vector_product; by rows there is one block.
OpCounts gemv_counts(std::int64_t r, std::int64_t k, bool by_columns, std::int64_t stride) {
  std::int64_t sweeps = 1;
  if (by_columns && k >= 128) {
    sweeps = blocks(k, stride < 32000 / 4 ? 16 : 4);
  }
  return macs(checked_multiply(r, checked_add(k, sweeps))) + OpCounts{.multiplies = 2};
}

/// Eigen computes the transposed product, because its results are column by column: n rows, m
/// columns. It takes two rows at a time; the row left over in a block of rows has its two
/// accumulators for every column but the last m % 4.
OpCounts blocked_counts(std::int64_t m, std::int64_t k, std::int64_t n) {
  using Scalar = Counted<float>;
  checked_product(m, n, 4 * k);  // Eigen computes sizes in bytes without checks
  Index kc = k;
  Index row_block = n;
  Index column_block = m;
  Eigen::internal::computeProductBlockingSizes<Scalar, Scalar, 1, Index>(kc, row_block,
                                                                         column_block);
  const std::int64_t sweeps = blocks(k, kc);
  const std::int64_t single_rows = n / row_block * (row_block % 2) + n % row_block % 2;
  OpCounts counts = macs(checked_product(m, n, checked_add(k, sweeps)));
  counts.multiplies = checked_add(counts.multiplies, 2);
  counts.adds = checked_add(counts.adds, checked_product(single_rows, m / 4 * 4, sweeps));
  return counts;
}

}  // namespace

template <class T>
void gemm(const GemmShape& s, const T* a, const T* b, T* c) {
  using Eigen::ColMajor;
  using Eigen::RowMajor;
  if (s.a.transposed && s.b.transposed) {
    multiply<ColMajor, ColMajor>(s, a, b, c);
  } else if (s.a.transposed) {
    multiply<ColMajor, RowMajor>(s, a, b, c);
  } else if (s.b.transposed) {
    multiply<RowMajor, ColMajor>(s, a, b, c);
  } else {
    multiply<RowMajor, RowMajor>(s, a, b, c);
  }
}

template void gemm(const GemmShape&, const float*, const float*, float*);
template void gemm(const GemmShape&, const double*, const double*, double*);
template void gemm(const GemmShape&, const Counted<float>*, const Counted<float>*, Counted<float>*);

OpCounts gemm_counts(const GemmShape& s) {
  const std::int64_t results = checked_multiply(s.m, s.n);
  if (coefficient_based(s)) {
    return sums_of_products(results, s.k, s.accumulate) + OpCounts{.multiplies = 1};
  }
  if (s.m == 1 && s.n == 1) {
    return sums_of_products(1, s.k, false) + macs(1);
  }
  if (s.n == 1) {
    return gemv_counts(s.m, s.k, s.a.transposed, s.a.stride);
  }
  if (s.m == 1) {
    return gemv_counts(s.n, s.k, !s.b.transposed, s.b.stride);
  }
  return blocked_counts(s.m, s.k, s.n);
}

UseThreads::UseThreads(int threads) : before_(omp_get_max_threads()) {
  omp_set_num_threads(threads);
}
UseThreads::~UseThreads() { omp_set_num_threads(before_); }

}  // namespace flopmeter::eigen
