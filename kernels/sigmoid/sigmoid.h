// y = 1 / (1 + exp(-x))
// dx = dy y (1 - y), from y
#pragma once

#include <cmath>

#include "kernels/families/eltwise/eltwise.h"

namespace flopmeter::sigmoid {

using eltwise::Shape;

Backend<Shape> eigen_backend();
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : eltwise::Base<Layer, eigen_backend, prepare_onednn> {
  static constexpr std::string_view name = "sigmoid";
  static constexpr std::string_view equation = "y = 1 / (1 + exp(-x))";
  static constexpr OpCounts forward_operations{.adds = 1, .divides = 1, .exponentials = 1};
  static constexpr OpCounts backward_operations{.multiplies = 2, .adds = 1};
  static constexpr std::string_view backward_reads = "dst";

  template <class T>
  static T value(T x) {
    using std::exp;
    return T(1) / (T(1) + exp(-x));
  }

  template <class T>
  static T gradient(T y, T dy) {
    return dy * y * (T(1) - y);
  }
};

}  // namespace flopmeter::sigmoid
