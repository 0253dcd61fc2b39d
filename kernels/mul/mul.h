// c = a * b, element by element; a dimension of 1 is repeated
// da = sum of dc * b over what was repeated of a, db = sum of dc * a likewise
#pragma once

#include "kernels/families/broadcast/broadcast.h"

namespace flopmeter::mul {

using broadcast::Shape;

Backend<Shape> eigen_backend();
Preparation prepare_onednn(const Shape&, const Setup&, Tensors<float>&);

struct Layer : broadcast::Base<Layer, eigen_backend, prepare_onednn> {
  static constexpr std::string_view name = "mul";
  static constexpr std::string_view equation = "c = a * b, dimensions of 1 repeated";
  static constexpr bool reads_sources = true;
  static constexpr OpCounts value_operations{.multiplies = 1};

  /// A single product is stored and no MAC; several go into an accumulator.
  static OpCounts gradient_operations(std::int64_t elements, std::int64_t terms) {
    return terms == 1 ? OpCounts{.multiplies = elements} : sums_of_products(elements, terms, false);
  }

  template <class T>
  static T value(T a, T b) {
    return a * b;
  }

  /// A product that has not been stored yet.
  template <class T>
  static auto gradient(T dc, const T* other) {
    return dc * *other;
  }
};

}  // namespace flopmeter::mul
