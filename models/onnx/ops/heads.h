// Attention by heads, whatever the layout of its operands, as layers.
#pragma once

#include "models/onnx/operator.h"

namespace flopmeter::onnx {

/// Heads and lengths, whatever the layout of the operands.
struct Heads {
  Dim batch = 1, heads = 1, kv_heads = 1, queries = 1, keys = 1, size = 1, value_size = 1;
  bool causal = false;
  bool top_left = false;  // the causal mask's corner
  std::int64_t window = 0;
  bool softcap = false;
  bool sink = false;
};

/// Throws BadInput where it does not divide evenly. `what` names it.
Dim divided(const Dim& whole, std::int64_t parts, std::string_view what);

LayerUse sdpa_use(const Heads& h);

/// Scores are added to; a mask of integers or booleans chooses among them, which is no arithmetic.
void append_mask(const NodeView& n, std::size_t mask, const Heads& h, Lowered& lowered);

/// [heads, tokens, size] rotated, `rotated` features of each; 0: all.
LayerUse rotary_use(const Dim& rows, const Dim& heads, const Dim& size, std::int64_t rotated,
                    std::string label);

/// Of queries and keys.
void append_rotary(const Heads& h, std::int64_t rotated, Lowered& lowered);

}  // namespace flopmeter::onnx
