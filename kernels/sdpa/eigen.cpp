// Attention by Eigen: two products a head, each over all keys, and the softmax of the keys that a
// query sees.
#include <Eigen/Core>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/gemm.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/sdpa/sdpa.h"

namespace flopmeter::sdpa {
namespace {

eigen::GemmShape scores_product(const Shape& s) {
  return {s.lq, s.d, s.lk, {s.h * s.d, false}, {s.hkv * s.d, true}, s.lk, false};
}

eigen::GemmShape values_product(const Shape& s) {
  return {s.lq, s.lk, s.d, {s.lk, false}, {s.hkv * s.d, false}, s.h * s.d, false};
}

template <class T>
void attend(const Shape& s, const Head<T>& x) {
  eigen::gemm(scores_product(s), x.q.data, x.k.data, x.probabilities);
  for (std::int64_t i = 0; i < s.lq; ++i) {
    const std::int64_t keys = s.keys_of(i);
    Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>> row(x.probabilities + i * s.lk, s.lk);
    auto seen = row.head(keys);
    seen *= T(static_cast<float>(s.scale()));
    const T largest = seen.maxCoeff();
    seen = (seen - largest).exp();
    const T sum = seen.sum();
    seen /= sum;
    row.tail(s.lk - keys).setConstant(T(0));
  }
  eigen::gemm(values_product(s), static_cast<const T*>(x.probabilities), x.v.data, x.dst.data);
}

template <class T>
void run(const Shape& s, Tensors<T>& tensors, int threads) {
  eigen::share(s.mb * s.h, threads,
               [&](std::int64_t item) { attend(s, Head<T>(s, item / s.h, item % s.h, tensors)); });
}

}  // namespace

Preparation prepare_eigen(const Shape& shape, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{
      .run = [shape, &tensors, threads = setup.threads] { run(shape, tensors, threads); },
      .implementation = "Eigen products and softmax"};
}

void counted_eigen(const Shape& shape, Pass, Tensors<Counted<float>>& tensors) {
  run(shape, tensors, 1);
}

OpCounts stated_eigen(const Shape& s, Pass) {
  // The softmax is the definition's; the products are over all keys.
  const std::int64_t seen = Layer::variables(s)[1].value;
  const OpCounts softmax{.multiplies = seen,
                         .adds = 2 * seen - s.lq,
                         .divides = seen,
                         .exponentials = seen,
                         .comparisons = seen - s.lq};
  return checked_multiply(s.mb, s.h) *
         (eigen::gemm_counts(scores_product(s)) + eigen::gemm_counts(values_product(s)) + softmax);
}

}  // namespace flopmeter::sdpa
