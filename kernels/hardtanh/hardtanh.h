// y = min(max(x, -1), 1)
// dx = dy where -1 < x < 1, else 0
#pragma once

#include <algorithm>

#include "kernels/families/eltwise/eltwise.h"

namespace flopmeter::hardtanh {

using eltwise::Shape;

Backend<Shape> eigen_backend();
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : eltwise::Base<Layer, eigen_backend, prepare_onednn> {
  static constexpr std::string_view name = "hardtanh";
  static constexpr std::string_view equation = "y = min(max(x, -1), 1)";
  static constexpr OpCounts forward_operations{.comparisons = 2};
  static constexpr OpCounts backward_operations{.comparisons = 2};

  template <class T>
  static T value(T x) {
    using std::max;
    using std::min;
    return min(max(x, T(-1)), T(1));
  }

  template <class T>
  static T gradient(T x, T dy) {
    const T below = eltwise::select(x < T(1), dy, T(0));
    return eltwise::select(x > T(-1), below, T(0));
  }
};

}  // namespace flopmeter::hardtanh
