#include "kernels/families/eltwise/eigen.h"

#include "kernels/gelu_tanh/gelu_tanh.h"

namespace flopmeter::gelu_tanh {
namespace {

struct Expression {
  template <class X>
  static auto of(const X& x) {
    using T = typename X::Scalar;
    return T(0.5) * x * (T(1) + (x * (T(Layer::a) + T(Layer::b) * x.square())).tanh());
  }
};

}  // namespace

Backend<Shape> eigen_backend() { return eltwise::eigen_backend<Layer, Expression>(); }

}  // namespace flopmeter::gelu_tanh
