#include "kernels/families/eltwise/eigen.h"

#include "kernels/hardswish/hardswish.h"

namespace flopmeter::hardswish {
namespace {

struct Expression {
  template <class X>
  static auto of(const X& x) {
    using T = typename X::Scalar;
    return x * (x * T(1.0 / 6) + T(0.5)).max(T(0)).min(T(1));
  }
};

}  // namespace

Backend<Shape> eigen_backend() { return eltwise::eigen_backend<Layer, Expression>(); }

}  // namespace flopmeter::hardswish
