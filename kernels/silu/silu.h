// y = x / (1 + exp(-x)), also called swish
// dx = dy s (1 + x (1 - s)), s = 1 / (1 + exp(-x))
#pragma once

#include <cmath>

#include "kernels/families/eltwise/eltwise.h"

namespace flopmeter::silu {

using eltwise::Shape;

Backend<Shape> eigen_backend();
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : eltwise::Base<Layer, eigen_backend, prepare_onednn> {
  static constexpr std::string_view name = "silu";
  static constexpr std::string_view equation = "y = x / (1 + exp(-x))";
  static constexpr OpCounts forward_operations{.adds = 1, .divides = 1, .exponentials = 1};
  static constexpr OpCounts backward_operations{
      .multiplies = 3, .adds = 3, .divides = 1, .exponentials = 1};

  template <class T>
  static T value(T x) {
    using std::exp;
    return x / (T(1) + exp(-x));
  }

  template <class T>
  static T gradient(T x, T dy) {
    using std::exp;
    const T s = T(1) / (T(1) + exp(-x));
    const T steep = x * (T(1) - s);
    return dy * s * (T(1) + steep);
  }
};

}  // namespace flopmeter::silu
