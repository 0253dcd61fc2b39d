#include "kernels/softmax_rows/eigen.h"

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

Preparation prepare_eigen(const Shape& s, const Setup& setup, Tensors<float>& tensors) {
  return softmax_rows::prepare_eigen<Row>(s, setup, tensors);
}

void counted_eigen(const Shape& s, Pass, Tensors<Counted<float>>& tensors) {
  softmax_rows::count_eigen<Row>(s, tensors);
}

OpCounts stated_eigen(const Shape& s, Pass pass) { return Layer::formula(s, pass).in_bounds; }

}  // namespace flopmeter::softmax
