#include "kernels/openblas/gemm.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace flopmeter::openblas {
namespace {

Int as_int(std::int64_t size) { return static_cast<Int>(size); }

Transpose order(Factor factor) { return factor.transposed ? Transpose::yes : Transpose::no; }

constexpr int without_threads = 0;  // of get_parallel

}  // namespace

void gemm(const Library& blas, const Sizes& s, Factor a, Factor b, float* c, bool onto) {
  blas.sgemm(Order::row_major, order(a), order(b), as_int(s.m), as_int(s.n), as_int(s.k), 1.0F,
             a.data, as_int(a.transposed ? s.m : s.k), b.data, as_int(b.transposed ? s.k : s.n),
             onto ? 1.0F : 0.0F, c, as_int(s.n));
}

void fill_rows(const float* row, std::int64_t rows, std::int64_t columns, float* to) {
  for (std::int64_t i = 0; i < rows; ++i) {
    std::copy_n(row, columns, to + i * columns);
  }
}

void sum_rows(const Library& blas, const float* from, std::int64_t rows, std::int64_t columns,
              float* to, bool onto) {
  if (!onto) {
    std::copy_n(from, columns, to);
  }
  for (std::int64_t i = onto ? 0 : 1; i < rows; ++i) {
    blas.saxpy(as_int(columns), 1.0F, from + i * columns, 1, to, 1);
  }
}

/// The number of threads belongs to the process. Setting it is one store, but for the first time.
Preparation prepared(const Setup& setup, std::initializer_list<std::int64_t> sizes,
                     std::function<void(const Library&)> compute) {
  if (setup.dtype != Dtype::f32) {
    return Unavailable{"OpenBLAS multiplies in f32 and f64"};
  }
  if (std::max(sizes) > std::numeric_limits<Int>::max()) {
    return Unavailable{fmt::format("OpenBLAS's sizes have {} bits", 8 * sizeof(Int))};
  }
  if (const auto* missing = std::get_if<std::string>(&library())) {
    return Unavailable{*missing};
  }
  const Library& blas = std::get<Library>(library());
  if (setup.threads > 1 && blas.get_parallel() == without_threads) {
    return Unavailable{"this OpenBLAS has one thread"};
  }
  return Prepared{.run =
                      [compute = std::move(compute), threads = setup.threads, &blas] {
                        blas.set_num_threads(threads);
                        compute(blas);
                      },
                  .implementation = fmt::format("sgemm of {}", blas.get_corename())};
}

}  // namespace flopmeter::openblas
