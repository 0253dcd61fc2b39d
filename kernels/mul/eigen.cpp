#include "kernels/broadcast/eigen.h"

#include "kernels/mul/mul.h"

namespace flopmeter::mul {
namespace {

struct Operation {
  template <class A, class B>
  static auto of(const A& a, const B& b) {
    return a * b;
  }
};

}  // namespace

Preparation prepare_eigen(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return broadcast::prepare_eigen<Operation>(s, setup, tensors);
}

void counted_eigen(const Shape& s, Pass, Tensors<Counted<float>>& tensors) {
  broadcast::count_eigen<Operation>(s, tensors);
}

OpCounts stated_eigen(const Shape& s, Pass pass) { return Layer::formula(s, pass).in_bounds; }

}  // namespace flopmeter::mul
