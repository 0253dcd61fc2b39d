#include "kernels/families/broadcast/eigen.h"

#include "kernels/add/add.h"

namespace flopmeter::add {
namespace {

struct Operation {
  template <class A, class B>
  static auto of(const A& a, const B& b) {
    return a + b;
  }
};

}  // namespace

Backend<Shape> eigen_backend() { return broadcast::eigen_backend<Layer, Operation>(); }

}  // namespace flopmeter::add
