// How the layers of transformers put their blocks together.
#pragma once

#include "kernels/composition.h"

namespace flopmeter::transformer {

/// Where the normalisation of a block stands:
///   after   y = norm(x + block(x))         Vaswani 2017, BERT
///   before  y = x + block(norm(x))         GPT-2, LLaMA
///   around  y = x + norm(block(norm(x)))   Gemma 2
enum class Placement { after, before, around };

/// Tokens of e features, and their normalisation.
struct Residual {
  std::int64_t tokens, e;
  Placement placement;
  std::string_view norm = "layernorm";
};

/// The step that normalises the tensor `x` to `y`.
Step normalise(const Residual& how, const std::string& label, const std::string& x,
               const std::string& y);
/// The step that adds two tensors.
Step add(const Residual& how, const std::string& label, const std::string& a, const std::string& b,
         const std::string& sum);

/// Appends `block` with its residual connection and its normalisation, which takes the tensor `x`
/// to `y`. The block's `src` and `dst` are bound here; its other bindings are kept. The label of the
/// steps is that of the block.
void add_residual(Composition& made, const Residual& how, Step block, const std::string& x,
                  const std::string& y);

}  // namespace flopmeter::transformer
