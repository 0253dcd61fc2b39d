// Maxima by Eigen, first of rows, then of columns: see kernels/families/pooling/eigen.h.
#include "kernels/families/pooling/eigen.h"

#include "kernels/eigen/support.h"
#include "kernels/max_pool/max_pool.h"

namespace flopmeter::max_pool {
namespace {

template <class T>
using Maxima = pooling::Pooling<pooling::Maximum, pooling::Axis, T>;

}  // namespace

Preparation prepare_eigen(const Shape& shape, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  return Prepared{.run = Maxima<float>(shape.axes(), shape.planes(), tensors, setup.threads),
                  .implementation = "rows, then columns"};
}

void counted_eigen(const Shape& shape, Pass, Tensors<Counted<float>>& tensors) {
  Maxima<Counted<float>>(shape.axes(), shape.planes(), tensors, 1)();
}

OpCounts stated_eigen(const Shape& shape, Pass) {
  return {.comparisons = checked_multiply(shape.planes(), pooling::reduction_steps(shape.axes()))};
}

}  // namespace flopmeter::max_pool
