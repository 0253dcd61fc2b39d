#include "kernels/eltwise/eigen.h"

#include "kernels/silu/silu.h"

namespace flopmeter::silu {
namespace {

struct Expression {
  template <class X>
  static auto of(const X& x) {
    using T = typename X::Scalar;
    return x / (T(1) + (-x).exp());
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

}  // namespace flopmeter::silu
