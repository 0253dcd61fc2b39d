// y = 1 / (1 + exp(-x))
// dx = dy y (1 - y), from y
#pragma once

#include <cmath>

#include "kernels/eltwise/eltwise.h"

namespace flopmeter::sigmoid {

using eltwise::Shape;

struct Layer : eltwise::Base<Layer> {
  static constexpr std::string_view name = "sigmoid";
  static constexpr std::string_view equation = "y = 1 / (1 + exp(-x))";
  static constexpr OpCounts forward_operations{.adds = 1, .divides = 1, .exponentials = 1};
  static constexpr OpCounts backward_operations{.multiplies = 2, .adds = 1};
  static constexpr std::string_view backward_reads = "dst";

  static std::vector<Backend<Shape>> backends();

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

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::sigmoid
