// How the layers of transformers put their blocks together.
#pragma once

#include "kernels/composition.h"

namespace flopmeter::transformer {

/// Tokens of e features, and where the normalisation stands.
struct Residual {
  std::int64_t tokens, e;
  bool prenorm;
};

/// Appends `block` with its residual connection and its normalisation, which takes the tensor `x`
/// to `y`: y = norm(x + block(x)), or with prenorm y = x + block(norm(x)). The block's `src` and
/// `dst` are bound here; its other bindings are kept. The label of the steps is that of the block.
void add_residual(Composition& made, const Residual& how, Step block, const std::string& x,
                  const std::string& y);

}  // namespace flopmeter::transformer
