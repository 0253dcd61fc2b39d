#include "kernels/rnn/rnn.h"

namespace flopmeter::rnn {

using recurrent::Tanh;

Preparation prepare_eigen(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return recurrent::prepare_eigen<Tanh>(s, setup, tensors);
}

void counted_eigen(const Shape& s, Pass, Tensors<Counted<float>>& tensors) {
  recurrent::counted_eigen<Tanh>(s, tensors);
}

OpCounts stated_eigen(const Shape& s, Pass) {
  return recurrent::eigen_counts(s, Tanh::sizes, Tanh::counts());
}

}  // namespace flopmeter::rnn
