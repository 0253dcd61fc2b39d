// y = x min(max(x/6 + 1/2, 0), 1)
// dx = 0 where x <= -3, dy where x >= 3, else dy (x/3 + 1/2)
// Howard et al. 2019 (MobileNetV3)
#pragma once

#include <algorithm>

#include "kernels/families/eltwise/eltwise.h"

namespace flopmeter::hardswish {

using eltwise::Shape;

Backend<Shape> eigen_backend();
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : eltwise::Base<Layer, eigen_backend, prepare_onednn> {
  static constexpr std::string_view name = "hardswish";
  static constexpr std::string_view equation = "y = x * min(max(x / 6 + 1/2, 0), 1)";
  static constexpr OpCounts forward_operations{.multiplies = 2, .adds = 1, .comparisons = 2};
  static constexpr OpCounts backward_operations{.multiplies = 2, .adds = 1, .comparisons = 2};

  template <class T>
  static T value(T x) {
    using std::max;
    using std::min;
    const T sixth = x * T(1.0 / 6);
    return x * min(max(T(sixth + T(0.5)), T(0)), T(1));
  }

  template <class T>
  static T gradient(T x, T dy) {
    const T third = x * T(1.0 / 3);
    const T below = eltwise::select(x < T(3), T(third + T(0.5)), T(1));
    return dy * eltwise::select(x > T(-3), below, T(0));
  }
};

}  // namespace flopmeter::hardswish
