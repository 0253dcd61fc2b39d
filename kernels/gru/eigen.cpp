#include "kernels/gru/gru.h"

namespace flopmeter::gru {

using recurrent::Gru;

Preparation prepare_eigen(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return recurrent::prepare_eigen<Gru>(s, setup, tensors);
}

void counted_eigen(const Shape& s, Pass, Tensors<Counted<float>>& tensors) {
  recurrent::counted_eigen<Gru>(s, tensors);
}

OpCounts stated_eigen(const Shape& s, Pass) {
  return recurrent::eigen_counts(s, Gru::sizes, Gru::counts());
}

}  // namespace flopmeter::gru
