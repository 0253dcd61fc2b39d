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
  return {s.lq, s.lk, s.dv, {s.lk, false}, {s.hkv * s.dv, false}, s.h * s.dv, false};
}

/// The softmax of a row of scores over the keys that the query sees.
template <class T>
void normalise(T* scores, const Shape& s, const Keys& keys, const T* sink, T* capped) {
  using std::exp;
  using std::max;
  Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>> row(scores, s.lk);
  if (keys.count() > 0) {
    auto seen = row.segment(keys.from, keys.count());
    seen *= T(static_cast<float>(s.scale()));
    if (capped != nullptr) {
      const T most(static_cast<float>(s.softcap));
      Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>> kept(capped + keys.from, keys.count());
      kept = (seen / most).tanh();
      seen = kept * most;
    }
    const T among_keys = seen.maxCoeff();
    const T largest = sink != nullptr ? max(among_keys, *sink) : among_keys;
    seen = (seen - largest).exp();
    T sum = seen.sum();
    if (sink != nullptr) {
      sum += exp(*sink - largest);
    }
    seen /= sum;
  }
  row.head(keys.from).setConstant(T(0));
  row.tail(s.lk - keys.to).setConstant(T(0));
}

template <class T>
void attend(const Shape& s, const Head<T>& x) {
  eigen::gemm(scores_product(s), x.q.data, x.k.data, x.probabilities);
  for (std::int64_t i = 0; i < s.lq; ++i) {
    T* capped = x.capped != nullptr ? x.capped + i * s.lk : nullptr;
    normalise(x.probabilities + i * s.lk, s, s.keys_of(i), x.sink, capped);
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
  const std::int64_t seen = s.pairs();
  const std::int64_t rows = s.seeing_queries();
  const OpCounts softmax{.multiplies = seen,
                         .adds = 2 * seen - rows + 2 * s.sink * rows,
                         .divides = seen,
                         .exponentials = seen + s.sink * rows,
                         .comparisons = seen - rows + s.sink * rows};
  const OpCounts capping =
      (s.softcap != 0 ? seen : 0) * OpCounts{.multiplies = 1, .divides = 1, .tanhs = 1};
  return checked_multiply(s.mb, s.h) * (eigen::gemm_counts(scores_product(s)) +
                                        eigen::gemm_counts(values_product(s)) + softmax + capping);
}

}  // namespace flopmeter::sdpa
