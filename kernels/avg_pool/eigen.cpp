// Sums by Eigen, first of rows, then of columns, and one divide an output:
// kernels/families/pooling/eigen.h.
#include "kernels/families/pooling/eigen.h"

#include "kernels/avg_pool/avg_pool.h"
#include "kernels/eigen/support.h"

namespace flopmeter::avg_pool {
namespace {

template <class T>
using Means = pooling::Pooling<pooling::Sum, pooling::Axis, T>;

pooling::Divisors divisors(const Shape& s) {
  if (s.countpad == 0) {
    return pooling::real_inputs(s.axes());
  }
  const auto outputs = static_cast<std::size_t>(s.ow);
  return {std::vector<float>(outputs, static_cast<float>(s.window())), false};
}

}  // namespace

Preparation prepare_eigen(const Shape& shape, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{
      .run = Means<float>(shape.axes(), shape.planes(), tensors, setup.threads, divisors(shape)),
      .implementation = "rows, then columns"};
}

void counted_eigen(const Shape& shape, Pass, Tensors<Counted<float>>& tensors) {
  Means<Counted<float>>(shape.axes(), shape.planes(), tensors, 1, divisors(shape))();
}

OpCounts stated_eigen(const Shape& shape, Pass) {
  return {.adds = checked_multiply(shape.planes(), pooling::reduction_steps(shape.axes())),
          .divides = shape.outputs()};
}

}  // namespace flopmeter::avg_pool
