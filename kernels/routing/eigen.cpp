// Each time the largest of a row by Eigen, which looks at those that are taken as well.
#include <Eigen/Core>
#include <limits>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/share.h"
#include "kernels/eigen/support.h"
#include "kernels/routing/routing.h"

namespace flopmeter::routing {
namespace {

template <class T>
void route(const Shape& s, Tensors<T>& tensors, std::int64_t n) {
  using Row = Eigen::Array<T, Eigen::Dynamic, 1>;
  Row left = Eigen::Map<const Row>(tensors["src"] + n * s.experts, s.experts);
  Row chosen(s.active);
  for (std::int64_t j = 0; j < s.active; ++j) {
    Eigen::Index at = 0;
    chosen[j] = left.maxCoeff(&at);
    left[at] = T(-std::numeric_limits<float>::infinity());
    tensors["indices"][n * s.active + j] = T(static_cast<float>(at));
  }
  Eigen::Map<Row> shares(tensors["shares"] + n * s.active, s.active);
  const T largest = chosen[0];
  shares = (chosen - largest).exp();
  const T sum = shares.sum();
  shares /= sum;
}

template <class T>
void run(const Shape& s, Tensors<T>& tensors, int threads) {
  eigen::share(s.mb, threads, [&](std::int64_t n) { route(s, tensors, n); });
}

}  // namespace

Preparation prepare_eigen(const Shape& shape, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{
      .run = [shape, &tensors, threads = setup.threads] { run(shape, tensors, threads); },
      .implementation = "Eigen maxima and softmax"};
}

void counted_eigen(const Shape& shape, Pass, Tensors<Counted<float>>& tensors) {
  run(shape, tensors, 1);
}

OpCounts stated_eigen(const Shape& s, Pass) {
  return s.mb * OpCounts{.adds = 2 * s.active - 1,
                         .divides = s.active,
                         .exponentials = s.active,
                         .comparisons = checked_multiply(s.active, s.experts - 1)};
}

}  // namespace flopmeter::routing
