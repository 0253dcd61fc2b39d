// Sums by Eigen, first of rows, then of columns, and one divide an output:
// kernels/families/pooling/eigen.h.
#include "kernels/families/pooling/eigen.h"

#include "kernels/adaptive_avg_pool/adaptive_avg_pool.h"
#include "kernels/eigen/support.h"

namespace flopmeter::adaptive_avg_pool {
namespace {

template <class T>
using Means = pooling::Pooling<pooling::Sum, pooling::AdaptiveAxis, T>;

}  // namespace

Preparation prepare_eigen(const Shape& shape, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{.run = Means<float>(shape.axes(), shape.planes(), tensors, setup.threads,
                                      pooling::real_inputs(shape.axes())),
                  .implementation = "rows, then columns"};
}

void counted_eigen(const Shape& shape, Pass, Tensors<Counted<float>>& tensors) {
  Means<Counted<float>>(shape.axes(), shape.planes(), tensors, 1,
                        pooling::real_inputs(shape.axes()))();
}

OpCounts stated_eigen(const Shape& shape, Pass) {
  return {.adds = checked_multiply(shape.planes(), pooling::reduction_steps(shape.axes())),
          .divides = shape.outputs()};
}

}  // namespace flopmeter::adaptive_avg_pool
