// y = out(softmax(q(x) * k(x)^T / sqrt(e/h)) * v(x))    x: mb x l x e; cross: keys and values of
// x_kv
#pragma once

#include "kernels/composition.h"

namespace flopmeter::attention {

/// Multi-head attention with its projections: mb32l16e512h8. Variants: causal1, grouped queries
/// hkv2, cross1 with s tokens of keys and values, decoding l1past1023 whose past keys and values
/// are inputs.
struct Shape {
  std::int64_t mb, l, s, e, h, hkv, past, cross, causal, bias;

  std::int64_t d() const { return e / h; }
  std::int64_t kv() const { return hkv * d(); }
  bool operator==(const Shape&) const = default;
};

struct Layer : Composed<Layer, Shape> {
  static constexpr std::string_view name = "attention";
  static constexpr std::string_view equation =
      "y = out(softmax(q(x) * k(x)^T / sqrt(e/h)) * v(x)), head by head";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 1, 1, 1, 3, "samples"},
      {"l", &Shape::l, unset, 1, 1, 6, "tokens that look"},
      {"s", &Shape::s, unset, 1, 1, 8, "tokens that are looked at, with the past ones"},
      {"e", &Shape::e, unset, 1, 1, 24, "features of a token, of all heads"},
      {"h", &Shape::h, unset, 1, 1, 4, "heads"},
      {"hkv", &Shape::hkv, unset, 1, 1, 4, "heads of keys and values"},
      {"past", &Shape::past, 0, 0, 0, 4, "tokens whose keys and values are cached"},
      {"cross", &Shape::cross, 0, 0, 0, 1, "1: keys and values come from another sequence"},
      {"causal", &Shape::causal, 0, 0, 0, 1, "1: no token looks behind its own position"},
      {"bias", &Shape::bias, 1, 0, 0, 1, "1: the four projections have biases"},
  });
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "l", "e", "h"});

  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Variable> variables(const Shape&);
  static Shape padded_out(const Shape&);
  static Composition composition(const Shape&);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
};

}  // namespace flopmeter::attention
