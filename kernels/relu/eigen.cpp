#include "kernels/families/eltwise/eigen.h"

#include "kernels/relu/relu.h"

namespace flopmeter::relu {
namespace {

struct Expression {
  template <class X>
  static auto of(const X& x) {
    using T = typename X::Scalar;
    return x.max(T(0));
  }
};

}  // namespace

Backend<Shape> eigen_backend() { return eltwise::eigen_backend<Layer, Expression>(); }

}  // namespace flopmeter::relu
