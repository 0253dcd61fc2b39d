// y = out(softmax(q * k^T / sqrt(d + dr)) * v), head by head, of keys and values made of a latent:
// c = norm(down(x)), k = (up_k(c), rotary(x)), v = up_v(c), q of x or of norm(q_down(x))
// x, y: mb x l x e, c: mb x l x kvl, the rotary part of keys: dr features that all heads share
#pragma once

#include "kernels/composition.h"

namespace flopmeter::mla {

/// Multi-head latent attention (DeepSeek-V2): mb1l16e2048h16kvl512d128dr64dv128. Each head's scores
/// are over d features of its own and dr rotary ones of which keys have one set. Queries may go
/// through a latent of their own (ql1536). Past keys and values are inputs as they were made.
struct Shape {
  std::int64_t mb, l, s, e, h, kvl, ql, d, dr, dv, past, causal, rope;
  bool operator==(const Shape&) const = default;
};

struct Layer : Composed<Layer, Shape> {
  static constexpr std::string_view name = "mla";
  static constexpr std::string_view equation =
      "y = out(softmax(q * k^T / sqrt(d + dr)) * v), k and v of norm(down(x))";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 1, 1, 1, 2, "samples"},
      {"l", &Shape::l, unset, 1, 1, 5, "tokens that look"},
      {"s", &Shape::s, unset, 1, 1, 7, "tokens that are looked at, with the past ones"},
      {"e", &Shape::e, unset, 1, 1, 16, "features of a token"},
      {"h", &Shape::h, unset, 1, 1, 3, "heads"},
      {"kvl", &Shape::kvl, unset, 1, 1, 9,
       "features of the latent that keys and values are made of"},
      {"ql", &Shape::ql, 0, 0, 0, 9, "features of the latent of queries, 0: made of the token"},
      {"d", &Shape::d, unset, 1, 1, 7, "features of a head that are its own"},
      {"dr", &Shape::dr, unset, 1, 1, 5, "rotary features of a head, of keys the same for all"},
      {"dv", &Shape::dv, unset, 1, 1, 7, "features of a head of values, d unless given"},
      {"past", &Shape::past, 0, 0, 0, 2, "tokens whose keys and values are cached"},
      {"causal", &Shape::causal, 1, 0, 0, 1, "1: no token looks behind its own position"},
      {"rope", &Shape::rope, 0, 0, 0, 1, "1: the rotary features are rotated by position"},
  });
  static constexpr auto always_printed =
      std::to_array<std::string_view>({"mb", "l", "e", "h", "kvl", "d", "dr"});

  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Variable> variables(const Shape&);
  static Shape padded_out(const Shape&);
  static Composition composition(const Shape&);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
};

}  // namespace flopmeter::mla
