// y = tanh(x)
// dx = dy (1 - y^2), from y
#pragma once

#include <cmath>

#include "kernels/families/eltwise/eltwise.h"

namespace flopmeter::tanh {

using eltwise::Shape;

Backend<Shape> eigen_backend();
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : eltwise::Base<Layer, eigen_backend, prepare_onednn> {
  static constexpr std::string_view name = "tanh";
  static constexpr std::string_view equation = "y = tanh(x)";
  static constexpr OpCounts forward_operations{.tanhs = 1};
  static constexpr OpCounts backward_operations{.multiplies = 2, .adds = 1};
  static constexpr std::string_view backward_reads = "dst";

  template <class T>
  static T value(T x) {
    using std::tanh;
    return tanh(x);
  }

  template <class T>
  static T gradient(T y, T dy) {
    return dy * (T(1) - T(y * y));
  }
};

}  // namespace flopmeter::tanh
