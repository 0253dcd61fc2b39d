// y = max(x, 0)
// dx = dy where x > 0, else 0
#pragma once

#include <algorithm>

#include "kernels/eltwise/eltwise.h"

namespace flopmeter::relu {

using eltwise::Shape;

struct Layer : eltwise::Base<Layer> {
  static constexpr std::string_view name = "relu";
  static constexpr std::string_view equation = "y = max(x, 0)";
  static constexpr OpCounts forward_operations{.comparisons = 1};
  static constexpr OpCounts backward_operations{.comparisons = 1};

  static std::vector<Backend<Shape>> backends();

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

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::relu
