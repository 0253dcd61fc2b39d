// Matrix products by Eigen, on the tensors where they lie.
#include <algorithm>

#include "kernels/eigen/gemm.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/matmul/matmul.h"

namespace flopmeter::matmul {
namespace {

/// The product of one sample.
eigen::GemmShape sample(const Shape& s) {
  return {
      s.m, s.k,        s.n, {s.ta != 0 ? s.m : s.k, s.ta != 0}, {s.tb != 0 ? s.k : s.n, s.tb != 0},
      s.n, s.bias != 0};
}

template <class T>
struct Pointers {
  const T* a;
  const T* b;
  const T* bias;
  T* c;

  explicit Pointers(Tensors<T>& tensors)
      : a(tensors["src"]), b(tensors["weights"]), bias(tensors["bias"]), c(tensors["dst"]) {}
};

template <class T>
void multiply_sample(const Shape& s, const Pointers<T>& p, std::int64_t batch) {
  T* c = p.c + batch * s.m * s.n;
  for (std::int64_t i = 0; p.bias != nullptr && i < s.m; ++i) {
    std::copy_n(p.bias, s.n, c + i * s.n);
  }
  const std::int64_t a = place(s.a(), s.c(), batch).at;
  const std::int64_t b = place(s.b(), s.c(), batch).at;
  eigen::gemm(sample(s), p.a + a * s.m * s.k, p.b + b * s.k * s.n, c);
}

template <class T>
void multiply(const Shape& s, const Pointers<T>& p, int threads) {
  eigen::share(s.batch(), threads, [&](std::int64_t batch) { multiply_sample(s, p, batch); });
}

}  // namespace

Preparation prepare_eigen(const Shape& shape, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{.run = [s = shape.folded(), p = Pointers<float>(tensors),
                          threads = setup.threads] { multiply(s, p, threads); },
                  .implementation = "Eigen product"};
}

void counted_eigen(const Shape& shape, Pass, Tensors<Counted<float>>& tensors) {
  multiply(shape.folded(), Pointers<Counted<float>>(tensors), 1);
}

void eigen_in_double(const Shape& shape, Tensors<double>& tensors, int threads) {
  multiply(shape.folded(), Pointers<double>(tensors), threads);
}

OpCounts stated_eigen(const Shape& shape, Pass) {
  const Shape s = shape.folded();
  return s.batch() * eigen::gemm_counts(sample(s));
}

}  // namespace flopmeter::matmul
