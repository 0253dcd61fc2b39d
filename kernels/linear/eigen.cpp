// Inner products by Eigen: y = x * w^T, on the tensors where they lie.
#include <algorithm>

#include "kernels/eigen/gemm.h"
#include "kernels/eigen/support.h"
#include "kernels/linear/linear.h"

namespace flopmeter::linear {
namespace {

eigen::GemmShape gemm_shape(const Shape& s) {
  const std::int64_t k = s.features();
  return {s.mb, k, s.oc, {k, false}, {k, true}, s.oc, s.bias != 0};
}

template <class T>
struct Pointers {
  const T* x;
  const T* w;
  const T* bias;
  T* y;

  explicit Pointers(Tensors<T>& tensors)
      : x(tensors["src"]), w(tensors["weights"]), bias(tensors["bias"]), y(tensors["dst"]) {}
};

template <class T>
void multiply(const eigen::GemmShape& s, const Pointers<T>& p, int threads) {
  const eigen::UseThreads inside(threads);
  for (std::int64_t i = 0; p.bias != nullptr && i < s.m; ++i) {
    std::copy_n(p.bias, s.n, p.y + i * s.n);
  }
  eigen::gemm(s, p.x, p.w, p.y);
}

}  // namespace

Preparation prepare_eigen(const Shape& shape, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{.run = [s = gemm_shape(shape), p = Pointers<float>(tensors),
                          threads = setup.threads] { multiply(s, p, threads); },
                  .implementation = "Eigen product"};
}

void counted_eigen(const Shape& shape, Pass, Tensors<Counted<float>>& tensors) {
  multiply(gemm_shape(shape), Pointers<Counted<float>>(tensors), 1);
}

void eigen_in_double(const Shape& shape, Tensors<double>& tensors, int threads) {
  multiply(gemm_shape(shape), Pointers<double>(tensors), threads);
}

OpCounts stated_eigen(const Shape& shape, Pass) { return eigen::gemm_counts(gemm_shape(shape)); }

}  // namespace flopmeter::linear
