// y = max(x, 0)
// dx = dy where x > 0, else 0
#pragma once

#include <algorithm>

#include "kernels/families/eltwise/eltwise.h"

namespace flopmeter::relu {

using eltwise::Shape;

Backend<Shape> eigen_backend();
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : eltwise::Base<Layer, eigen_backend, prepare_onednn> {
  static constexpr std::string_view name = "relu";
  static constexpr std::string_view equation = "y = max(x, 0)";
  static constexpr OpCounts forward_operations{.comparisons = 1};
  static constexpr OpCounts backward_operations{.comparisons = 1};

  template <class T>
  static T value(T x) {
    using std::max;
    return max(x, T(0));
  }

  template <class T>
  static T gradient(T x, T dy) {
    return eltwise::select(x > T(0), dy, T(0));
  }
};

}  // namespace flopmeter::relu
