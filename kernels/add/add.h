// c = a + b, element by element; a dimension of 1 is repeated
// da = sum of dc over what was repeated of a, db likewise
#pragma once

#include "kernels/families/broadcast/broadcast.h"

namespace flopmeter::add {

using broadcast::Shape;

Backend<Shape> eigen_backend();
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : broadcast::Base<Layer, eigen_backend, prepare_onednn> {
  static constexpr std::string_view name = "add";
  static constexpr std::string_view equation = "c = a + b, dimensions of 1 repeated";
  static constexpr bool reads_sources = false;
  static constexpr OpCounts value_operations{.adds = 1};

  /// Sums of terms that are there: the first starts the sum.
  static OpCounts gradient_operations(std::int64_t elements, std::int64_t terms) {
    return {.adds = checked_multiply(elements, terms - 1)};
  }

  template <class T>
  static T value(T a, T b) {
    return a + b;
  }

  template <class T>
  static T gradient(T dc, const T* /*other*/) {
    return dc;
  }
};

}  // namespace flopmeter::add
