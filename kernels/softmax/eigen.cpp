#include "kernels/families/softmax_rows/eigen.h"

#include "kernels/softmax/softmax.h"

namespace flopmeter::softmax {
namespace {

/// The operations of the reference, one for one, each line in packets.
struct Row {
  template <class X, class Y>
  static void normalise(const X& x, Y& y) {
    y = (x - x.maxCoeff()).exp();
    y /= y.sum();
  }
};

}  // namespace

Backend<Shape> eigen_backend() { return softmax_rows::eigen_backend<Layer, Row>(); }

}  // namespace flopmeter::softmax
