// Rows of Eigen matrices, replicated.
#include <Eigen/Core>

#include "kernels/eigen/counted_scalar.h"
#include "kernels/eigen/support.h"
#include "kernels/repeat/repeat.h"

namespace flopmeter::repeat {
namespace {

template <class T>
using Rows = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

template <class T>
void replicate(const Shape& s, Tensors<T>& tensors) {
  const Rows<T> src(tensors["src"], s.mb, s.c);
  Rows<T>(tensors["dst"], s.mb, s.times * s.c) = src.replicate(1, s.times);
}

}  // namespace

Preparation prepare_eigen(const Shape& shape, const Setup& setup, Tensors<float>& tensors) {
  if (const auto reason = eigen::unavailable(setup)) {
    return *reason;
  }
  if (setup.threads != 1) {
    return Unavailable{"Eigen's assignments use one thread"};
  }
  return Prepared{.run = [shape, &tensors] { replicate(shape, tensors); },
                  .implementation = "Eigen replicate"};
}

void counted_eigen(const Shape& shape, Pass, Tensors<Counted<float>>& tensors) {
  replicate(shape, tensors);
}

OpCounts stated_eigen(const Shape&, Pass) { return {}; }

}  // namespace flopmeter::repeat
