#include "kernels/families/eltwise/eigen.h"

#include "kernels/leaky_relu/leaky_relu.h"

namespace flopmeter::leaky_relu {
namespace {

struct Expression {
  template <class X>
  static auto of(const X& x) {
    using T = typename X::Scalar;
    return x.max(T(Layer::slope) * x);
  }
};

}  // namespace

Backend<Shape> eigen_backend() { return eltwise::eigen_backend<Layer, Expression>(); }

}  // namespace flopmeter::leaky_relu
