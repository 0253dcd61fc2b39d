#include "kernels/normalization/eigen.h"

#include "kernels/rmsnorm/rmsnorm.h"

namespace flopmeter::rmsnorm {

Preparation prepare_eigen(const Shape& shape, const Setup& setup, Tensors<float>& tensors) {
  return normalization::prepare_with_eigen(shape.normalization(), setup, tensors);
}

void counted_eigen(const Shape& shape, Pass, Tensors<Counted<float>>& tensors) {
  normalization::count_with_eigen(shape.normalization(), tensors);
}

OpCounts stated_eigen(const Shape& shape, Pass) {
  return normalization::stated_with_eigen(shape.normalization());
}

}  // namespace flopmeter::rmsnorm
