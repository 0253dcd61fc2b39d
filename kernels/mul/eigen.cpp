#include "kernels/families/broadcast/eigen.h"

#include "kernels/mul/mul.h"

namespace flopmeter::mul {
namespace {

struct Operation {
  template <class A, class B>
  static auto of(const A& a, const B& b) {
    return a * b;
  }
};

}  // namespace

Backend<Shape> eigen_backend() { return broadcast::eigen_backend<Layer, Operation>(); }

}  // namespace flopmeter::mul
