// y = down(act(up(x)))    with a gate: y = down(silu(gate(x)) * up(x))    x, y: mb x ic, hidden: mb
// x hid
#pragma once

#include "kernels/composition.h"

namespace flopmeter::ffn {

/// The feed-forward block of a transformer, mb tokens: mb512ic512hid2048, with relu unless gelu1 or
/// gelutanh1, or swiglu1 or geglu1 (Shazeer 2020), whose gate is a third matrix. geglu1gelutanh1 has
/// the tanh form of gelu on its gate, as Gemma.
struct Shape {
  std::int64_t mb, ic, hid, gelu, swiglu, bias, gelutanh, geglu;

  bool gated() const { return swiglu + geglu != 0; }
  bool operator==(const Shape&) const = default;
};

struct Layer : Composed<Layer, Shape> {
  static constexpr std::string_view name = "ffn";
  static constexpr std::string_view equation = "y = down(act(up(x))), gated: down(act(gate) * up)";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 2, 1, 1, 6, "tokens"},
      {"ic", &Shape::ic, unset, 1, 1, 20, "features"},
      {"hid", &Shape::hid, unset, 1, 1, 40, "hidden features"},
      {"gelu", &Shape::gelu, 0, 0, 0, 1, "1: gelu (erf) instead of relu"},
      {"swiglu", &Shape::swiglu, 0, 0, 0, 1, "1: silu of a gate instead of relu"},
      {"bias", &Shape::bias, 1, 0, 0, 1, "1 with biases, 0 without"},
      {"gelutanh", &Shape::gelutanh, 0, 0, 0, 1, "1: gelu (tanh) instead of relu, or of a gate"},
      {"geglu", &Shape::geglu, 0, 0, 0, 1, "1: gelu of a gate instead of relu"},
  });
  static constexpr auto always_printed = std::to_array<std::string_view>({"mb", "ic", "hid"});

  static Shape complete(Shape);
  static std::vector<Variable> variables(const Shape&);
  static Composition composition(const Shape&);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
};

}  // namespace flopmeter::ffn
