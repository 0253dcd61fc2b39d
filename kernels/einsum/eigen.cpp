// Sums of labels of one operand alone, then one product by Eigen for each batch.
#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/gemm.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/einsum/einsum.h"

namespace flopmeter::einsum {
namespace {

eigen::GemmShape product_of(const Shape& s) { return {s.m, s.k, s.n, {s.k}, {s.n}, s.n, false}; }

/// outer x terms x inner numbers, summed up over the middle, row by row.
template <class T>
void sum_up(const T* x, std::int64_t outer, std::int64_t terms, std::int64_t inner, T* sums) {
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;
  for (std::int64_t i = 0; i < outer; ++i) {
    Eigen::Map<Array> sum(sums + i * inner, inner);
    sum = Eigen::Map<const Array>(x + i * terms * inner, inner);
    for (std::int64_t j = 1; j < terms; ++j) {
      sum += Eigen::Map<const Array>(x + (i * terms + j) * inner, inner);
    }
  }
}

template <class T>
void run(const Shape& s, Tensors<T>& t, int threads) {
  AlignedVector<T> a(static_cast<std::size_t>(s.b * s.m * s.k));
  AlignedVector<T> b(static_cast<std::size_t>(s.b * s.k * s.n));
  sum_up(t["src0"], s.b * s.m, s.s, s.k, a.data());
  sum_up(t["src1"], s.b, s.t, s.k * s.n, b.data());
  T* y = t["dst"];
  eigen::share(s.b, threads, [&](std::int64_t i) {
    eigen::gemm<T>(product_of(s), a.data() + i * s.m * s.k, b.data() + i * s.k * s.n,
                   y + i * s.m * s.n);
  });
}

}  // namespace

Preparation prepare_eigen(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{
      .run = [s, &tensors, threads = setup.threads] { run<float>(s, tensors, threads); },
      .implementation = "Eigen sums and GEMM"};
}

void counted_eigen(const Shape& s, Pass, Tensors<Counted<float>>& tensors) {
  run<Counted<float>>(s, tensors, 1);
}

OpCounts stated_eigen(const Shape& s, Pass) {
  const std::int64_t adds =
      checked_add(checked_product(s.b, s.m, s.k, s.s - 1), checked_product(s.b, s.k, s.n, s.t - 1));
  return OpCounts{.adds = adds} + s.b * eigen::gemm_counts(product_of(s));
}

}  // namespace flopmeter::einsum
