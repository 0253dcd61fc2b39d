#include "kernels/families/eltwise/eigen.h"

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

Backend<Shape> eigen_backend() { return eltwise::eigen_backend<Layer, Expression>(); }

}  // namespace flopmeter::tanh
