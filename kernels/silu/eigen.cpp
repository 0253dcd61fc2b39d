#include "kernels/families/eltwise/eigen.h"

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

Backend<Shape> eigen_backend() { return eltwise::eigen_backend<Layer, Expression>(); }

}  // namespace flopmeter::silu
