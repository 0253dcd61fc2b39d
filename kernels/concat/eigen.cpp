// Blocks of Eigen matrices, assigned.
#include <Eigen/Core>

#include "kernels/concat/concat.h"
#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/support.h"

namespace flopmeter::concat {
namespace {

template <class T>
using Rows = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

template <class T>
void join(const Shape& s, Tensors<T>& tensors) {
  Rows<T> dst(tensors["dst"], s.mb, s.a + s.b);
  dst.leftCols(s.a) = Rows<T>(tensors["src0"], s.mb, s.a);
  dst.rightCols(s.b) = Rows<T>(tensors["src1"], s.mb, s.b);
}

}  // namespace

Preparation prepare_eigen(const Shape& shape, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  if (setup.threads != 1) {
    return Unavailable{"Eigen's assignments use one thread"};
  }
  return Prepared{.run = [shape, &tensors] { join(shape, tensors); },
                  .implementation = "Eigen blocks"};
}

void counted_eigen(const Shape& shape, Pass, Tensors<Counted<float>>& tensors) {
  join(shape, tensors);
}

OpCounts stated_eigen(const Shape&, Pass) { return {}; }

}  // namespace flopmeter::concat
