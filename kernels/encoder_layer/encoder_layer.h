// y = norm(x + attention(x)), dst = norm(y + ffn(y)); prenorm: y = x + attention(norm(x)), ...
// x, dst: mb x l x e
#pragma once

#include "kernels/composition.h"

namespace flopmeter::encoder_layer {

/// A layer of a transformer's encoder: mb32l16e512h8ff2048 (Vaswani 2017), relu unless gelu1.
struct Shape {
  std::int64_t mb, l, e, h, ff, gelu, prenorm, bias;
  bool operator==(const Shape&) const = default;
};

struct Layer : Composed<Layer, Shape> {
  static constexpr std::string_view name = "encoder_layer";
  static constexpr std::string_view equation = "y = norm(x + attention(x)), dst = norm(y + ffn(y))";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 1, 1, 1, 2, "samples"},
      {"l", &Shape::l, unset, 1, 1, 5, "tokens"},
      {"e", &Shape::e, unset, 1, 2, 12, "features of a token"},
      {"h", &Shape::h, unset, 1, 1, 3, "heads"},
      {"ff", &Shape::ff, unset, 1, 1, 16, "hidden features of the feed-forward block"},
      {"gelu", &Shape::gelu, 0, 0, 0, 1, "1: gelu (erf) instead of relu"},
      {"prenorm", &Shape::prenorm, 0, 0, 0, 1, "1: normalised before each block, not after"},
      {"bias", &Shape::bias, 1, 0, 0, 1, "1: projections have biases"},
  });
  static constexpr auto always_printed =
      std::to_array<std::string_view>({"mb", "l", "e", "h", "ff"});

  static Shape complete(Shape);
  static std::vector<Variable> variables(const Shape& s) { return {{"d", s.e / s.h}}; }
  static Composition composition(const Shape&);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
};

}  // namespace flopmeter::encoder_layer
