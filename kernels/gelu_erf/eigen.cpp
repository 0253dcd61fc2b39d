#include "kernels/families/eltwise/eigen.h"

#include <unsupported/Eigen/SpecialFunctions>

#include "kernels/gelu_erf/gelu_erf.h"

namespace Eigen::internal {

/// One erf, as exp and tanh of other scalars than float are one call in Eigen; its erf would
/// otherwise be counted as the polynomials that it is for them.
template <class T>
struct erf_impl<flopmeter::Counted<T>> {
  static flopmeter::Counted<T> run(flopmeter::Counted<T> x) { return flopmeter::erf(x); }
};

}  // namespace Eigen::internal

namespace flopmeter::gelu_erf {
namespace {

struct Expression {
  template <class X>
  static auto of(const X& x) {
    using T = typename X::Scalar;
    return T(0.5) * x * (T(1) + (x * T(Layer::inverse_sqrt2)).erf());
  }
};

}  // namespace

Backend<Shape> eigen_backend() { return eltwise::eigen_backend<Layer, Expression>(); }

}  // namespace flopmeter::gelu_erf
