#include "kernels/eltwise/eigen.h"

#include "kernels/tanh/tanh.h"

namespace flopmeter::tanh {
namespace {

struct Expression {
  template <class X>
  static auto of(const X& x) {
    return x.tanh();
  }
};

}  // namespace

Preparation prepare_eigen(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return eltwise::prepare_eigen<Expression>(s, setup, tensors);
}

void counted_eigen(const Shape& s, Pass, Tensors<Counted<float>>& tensors) {
  eltwise::count_eigen<Expression>(s, tensors);
}

OpCounts stated_eigen(const Shape& s, Pass pass) { return Layer::formula(s, pass).in_bounds; }

}  // namespace flopmeter::tanh
