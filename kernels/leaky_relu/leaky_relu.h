// y = max(x, 0.01 x)
// dx = dy where x > 0, else 0.01 dy
#pragma once

#include <algorithm>

#include "kernels/families/eltwise/eltwise.h"

namespace flopmeter::leaky_relu {

using eltwise::Shape;

Backend<Shape> eigen_backend();
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : eltwise::Base<Layer, eigen_backend, prepare_onednn> {
  static constexpr std::string_view name = "leaky_relu";
  static constexpr std::string_view equation = "y = max(x, 0.01 * x)";
  static constexpr OpCounts forward_operations{.multiplies = 1, .comparisons = 1};
  static constexpr OpCounts backward_operations{.multiplies = 1, .comparisons = 1};
  static constexpr float slope = 0.01F;  // PyTorch's default, and the same number in every dtype

  template <class T>
  static T value(T x) {
    using std::max;
    return max(x, T(T(slope) * x));
  }

  template <class T>
  static T gradient(T x, T dy) {
    return eltwise::select(x > T(0), dy, T(T(slope) * dy));
  }
};

}  // namespace flopmeter::leaky_relu
