#include "kernels/families/eltwise/eigen.h"

#include "kernels/sigmoid/sigmoid.h"

namespace flopmeter::sigmoid {
namespace {

struct Expression {
  template <class X>
  static auto of(const X& x) {
    using T = typename X::Scalar;
    return T(1) / (T(1) + (-x).exp());
  }
};

}  // namespace

Backend<Shape> eigen_backend() { return eltwise::eigen_backend<Layer, Expression>(); }

}  // namespace flopmeter::sigmoid
