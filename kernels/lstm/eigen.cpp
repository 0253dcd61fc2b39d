#include "kernels/lstm/lstm.h"

namespace flopmeter::lstm {

using recurrent::Lstm;

Preparation prepare_eigen(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return recurrent::prepare_eigen<Lstm>(s, setup, tensors);
}

void counted_eigen(const Shape& s, Pass, Tensors<Counted<float>>& tensors) {
  recurrent::counted_eigen<Lstm>(s, tensors);
}

OpCounts stated_eigen(const Shape& s, Pass) {
  return recurrent::eigen_counts(s, Lstm::sizes, Lstm::counts());
}

}  // namespace flopmeter::lstm
