// a = x + attention(norm(x)), y = a + ffn(norm(a)); norms after, before or around the blocks
// x, y: mb x l x e; with a cross attention memory: mb x s x e
#pragma once

#include "kernels/composition.h"

namespace flopmeter::transformer_block {

/// One block of a language model, whose options make it that of GPT-2, BERT, T5, LLaMA, Qwen, Gemma,
/// Mistral, GPT-OSS or DeepSeek: mb1l16e4096h32hkv8ff14336swiglu1 (LLaMA 3 8B), see docs/blocks.md.
struct Shape {
  std::int64_t mb, l, past, s, e, h, hkv, d, dv, causal, window, bias, obias, qknorm, sink;
  std::int64_t kvl, ql, dr, norm, rms, parallel;
  std::int64_t ff, gelu, gelutanh, swiglu, geglu, fbias, experts, active, shared;
  std::int64_t rope, softcap, clip;

  bool latent() const { return kvl != 0; }
  bool operator==(const Shape&) const = default;
};

struct Layer : Composed<Layer, Shape> {
  static constexpr std::string_view name = "transformer_block";
  static constexpr std::string_view equation =
      "a = x + attention(norm(x)), y = a + ffn(norm(a)), by options as in the models of today";
  static constexpr auto fields = std::to_array<Field<Shape>>({
      {"mb", &Shape::mb, 1, 1, 1, 2, "samples"},
      {"l", &Shape::l, unset, 1, 1, 5, "tokens"},
      {"past", &Shape::past, 0, 0, 0, 2, "tokens whose keys and values are cached"},
      {"s", &Shape::s, 0, 0, 0, 3,
       "tokens of an encoder that a second attention looks at, 0: none"},
      {"e", &Shape::e, unset, 1, 2, 12, "features of a token"},
      {"h", &Shape::h, unset, 1, 1, 3, "heads"},
      {"hkv", &Shape::hkv, unset, 1, 1, 3, "heads of keys and values"},
      {"d", &Shape::d, unset, 1, 1, 5, "features of a head, e / h unless given"},
      {"dv", &Shape::dv, unset, 1, 1, 5, "features of a head of values, d unless given"},
      {"causal", &Shape::causal, 1, 0, 0, 1, "1: no token looks behind its own position"},
      {"window", &Shape::window, 0, 0, 0, 3,
       "tokens this far away or further are not seen, 0: all are"},
      {"bias", &Shape::bias, 0, 0, 0, 1, "1: projections of the attention have biases"},
      {"obias", &Shape::obias, unset, 0, 0, 1,
       "1: its last projection has one, as the others unless given"},
      {"qknorm", &Shape::qknorm, 0, 0, 0, 1,
       "1: queries and keys are RMS-normalised, head by head"},
      {"sink", &Shape::sink, 0, 0, 0, 1, "1: a learned score a head that no value belongs to"},
      {"kvl", &Shape::kvl, 0, 0, 0, 1,
       "latent that keys and values are made of (MLA), 0: of the token"},
      {"ql", &Shape::ql, 0, 0, 0, 1, "latent that queries are made of (MLA), 0: of the token"},
      {"dr", &Shape::dr, 0, 0, 0, 1, "rotary features of a head besides d (MLA)"},
      {"norm", &Shape::norm, 1, 0, 0, 2, "0: normalised after each block, 1: before, 2: both"},
      {"rms", &Shape::rms, 1, 0, 0, 1, "1: RMSNorm, 0: LayerNorm"},
      {"parallel", &Shape::parallel, 0, 0, 0, 1,
       "1: attention and ffn read the same normalised token"},
      {"ff", &Shape::ff, unset, 1, 1, 12, "hidden features of the ffn, or of one expert"},
      {"gelu", &Shape::gelu, 0, 0, 0, 1, "1: gelu (erf) instead of relu"},
      {"gelutanh", &Shape::gelutanh, 0, 0, 0, 1, "1: gelu (tanh) instead of relu, or of a gate"},
      {"swiglu", &Shape::swiglu, 0, 0, 0, 1, "1: silu of a gate instead of relu"},
      {"geglu", &Shape::geglu, 0, 0, 0, 1, "1: gelu of a gate instead of relu"},
      {"fbias", &Shape::fbias, unset, 0, 0, 1,
       "1: the ffn has biases, as the attention unless given"},
      {"experts", &Shape::experts, 0, 0, 0, 2,
       "experts to choose from instead of one ffn, 0: none"},
      {"active", &Shape::active, 0, 0, 0, 2, "experts that a token goes to"},
      {"shared", &Shape::shared, 0, 0, 0, 1, "experts that all tokens go to"},
      {"rope", &Shape::rope, 0, 0, 0, 2,
       "features of each head of queries and keys that are rotated by position (with kvl: dr)"},
      {"softcap", &Shape::softcap, 0, 0, 0, 2,
       "scores are softcap * tanh(score / softcap), 0: as they are"},
      {"clip", &Shape::clip, 0, 0, 0, 2,
       "both halves of the experts' swiglu are clipped at it, 0: not (GPT-OSS: 7)"},
  });
  static constexpr auto always_printed =
      std::to_array<std::string_view>({"mb", "l", "e", "h", "ff"});

  static Shape complete(Shape);
  static std::string print(const Shape&);
  static std::vector<Variable> variables(const Shape&);
  static Shape padded_out(const Shape&);
  static Composition composition(const Shape&);
  static Tolerance tolerance(const Shape&, Pass, Dtype);
};

}  // namespace flopmeter::transformer_block
