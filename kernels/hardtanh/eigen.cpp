#include "kernels/families/eltwise/eigen.h"

#include "kernels/hardtanh/hardtanh.h"

namespace flopmeter::hardtanh {
namespace {

struct Expression {
  template <class X>
  static auto of(const X& x) {
    using T = typename X::Scalar;
    return x.max(T(-1)).min(T(1));
  }
};

}  // namespace

Backend<Shape> eigen_backend() { return eltwise::eigen_backend<Layer, Expression>(); }

}  // namespace flopmeter::hardtanh
