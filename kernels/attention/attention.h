// y = out(softmax(q(x) * k(x)^T / sqrt(d)) * v(x))    x: mb x l x e; cross: keys and values of
// x_kv
#pragma once

#include "kernels/composition.h"

namespace flopmeter::attention {

/// Multi-head attention with its projections: mb32l16e512h8. Variants: causal1, a sliding window,
/// grouped queries hkv2, heads of another size than e / h (d128) and of values (dv128), cross1 with s
/// tokens of keys and values, those of other features (kdim, vdim: inputs of their own), decoding
/// l1past1023 whose past keys and values are inputs, queries and keys normalised (qknorm1), the first
/// features of their heads rotated by position (rope64), sinks, soft caps.
struct Shape {
  std::int64_t mb, l, s, e, h, hkv, d, dv, kdim, vdim, past, cross, causal, topleft, bottomright;
  std::int64_t window, bias, obias, qknorm, sink, softcap, rope;

  std::int64_t q_features() const { return h * d; }
  std::int64_t k_features() const { return hkv * d; }
  std::int64_t v_features() const { return hkv * dv; }
  bool operator==(const Shape&) const = default;
};

struct Layer : Composed<Layer, Shape> {
  static constexpr std::string_view name = "attention";
  static constexpr std::string_view equation =
      "y = out(softmax(q(x) * k(x)^T / sqrt(d)) * v(x)), head by head";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 1, 1, 1, 3, "samples"},
      {"l", &Shape::l, unset, 1, 1, 6, "tokens that look"},
      {"s", &Shape::s, unset, 1, 1, 8, "tokens that are looked at, with the past ones"},
      {"e", &Shape::e, unset, 1, 1, 24, "features of a token"},
      {"h", &Shape::h, unset, 1, 1, 4, "heads"},
      {"hkv", &Shape::hkv, unset, 1, 1, 4, "heads of keys and values"},
      {"d", &Shape::d, unset, 1, 1, 9, "features of a head, e / h unless given"},
      {"dv", &Shape::dv, unset, 1, 1, 9, "features of a head of values, d unless given"},
      {"kdim", &Shape::kdim, unset, 1, 1, 24, "features that keys are made of, e unless given"},
      {"vdim", &Shape::vdim, unset, 1, 1, 24, "features that values are made of, e unless given"},
      {"past", &Shape::past, 0, 0, 0, 4, "tokens whose keys and values are cached"},
      {"cross", &Shape::cross, 0, 0, 0, 1, "1: keys and values come from another sequence"},
      {"causal", &Shape::causal, 0, 0, 0, 1,
       "1: no token looks behind its own position, which is bottomright unless topleft1"},
      {"topleft", &Shape::topleft, unset, 0, 0, 1, "1: the first token stands at the first key"},
      {"bottomright", &Shape::bottomright, unset, 0, 0, 1,
       "1: the last token stands at the last key; the default"},
      {"window", &Shape::window, 0, 0, 0, 5,
       "tokens this far away or further are not seen, 0: all are"},
      {"bias", &Shape::bias, 1, 0, 0, 1, "1: the projections have biases"},
      {"obias", &Shape::obias, unset, 0, 0, 1,
       "1: the last projection has one, as the others unless given"},
      {"qknorm", &Shape::qknorm, 0, 0, 0, 1,
       "1: queries and keys are RMS-normalised, head by head"},
      {"sink", &Shape::sink, 0, 0, 0, 1, "1: a learned score a head that no value belongs to"},
      {"softcap", &Shape::softcap, 0, 0, 0, 2,
       "scores are softcap * tanh(score / softcap), 0: as they are (Gemma 2: 50)"},
      {"rope", &Shape::rope, 0, 0, 0, 4,
       "features of each head of queries and keys that are rotated by position, 0: none"},
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
