#include "kernels/families/softmax_rows/eigen.h"

#include "kernels/log_softmax/log_softmax.h"

namespace flopmeter::log_softmax {
namespace {

/// The operations of the reference, one for one, each line in packets.
struct Row {
  template <class X, class Y>
  static void normalise(const X& x, Y& y) {
    using std::log;
    y = x - x.maxCoeff();
    y -= log(y.exp().sum());
  }
};

}  // namespace

Backend<Shape> eigen_backend() { return softmax_rows::eigen_backend<Layer, Row>(); }

}  // namespace flopmeter::log_softmax
