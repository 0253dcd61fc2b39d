// y = min(max(x, -1), 1)
// dx = dy where -1 < x < 1, else 0
#pragma once

#include <algorithm>

#include "kernels/eltwise/eltwise.h"

namespace flopmeter::hardtanh {

using eltwise::Shape;

struct Layer : eltwise::Base<Layer> {
  static constexpr std::string_view name = "hardtanh";
  static constexpr std::string_view equation = "y = min(max(x, -1), 1)";
  static constexpr OpCounts forward_operations{.comparisons = 2};
  static constexpr OpCounts backward_operations{.comparisons = 2};

  static std::vector<Backend<Shape>> backends();

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

Preparation prepare_eigen(const Shape&, const Setup&, Tensors<float>&);
void counted_eigen(const Shape&, Pass, Tensors<Counted<float>>&);
OpCounts stated_eigen(const Shape&, Pass);
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::hardtanh
