// Pieces of a transformer as nodes: what its files share.
#pragma once

#include <fmt/format.h>

#include "counters/op_counts.h"
#include "models/architectures/node_list.h"
#include "models/architectures/transformer.h"

namespace flopmeter::models {

/// Tokens of one pass of one stack of layers, and what its attention looks at.
struct Stack {
  const Transformer& t;
  std::int64_t batch, tokens, past;
  bool causal;
  std::int64_t memory = 0;  // tokens of the encoder that a decoder looks at

  std::int64_t rows() const { return checked_multiply(batch, tokens); }
};

inline std::int64_t product(std::int64_t a, std::int64_t b) { return checked_multiply(a, b); }

/// Two tensors of the same shape.
inline std::string pair_text(std::int64_t rows, std::int64_t columns) {
  return fmt::format("{}x{}:{}x{}", rows, columns, rows, columns);
}

void add_norm(NodeList& nodes, const Transformer& t, std::string_view name, std::int64_t rows,
              std::int64_t length);
void add_unary(NodeList& nodes, std::string_view name, std::string_view layer, std::int64_t rows,
               std::int64_t columns);
void add_sum(NodeList& nodes, std::string_view name, std::int64_t rows, std::int64_t columns);

/// up, perhaps a gate, the activation, down; `rows` tokens. `copies` as many weights are stored.
void add_feed_forward(NodeList& nodes, const Transformer& t, const std::string& prefix,
                      std::int64_t rows, std::int64_t size, bool bias, std::int64_t copies);
void add_experts(NodeList& nodes, const Transformer& t, std::int64_t rows);

void add_attention(NodeList& nodes, const Stack& s, std::int64_t window);
/// Keys and values of the encoder are made once, in the first pass.
void add_cross_attention(NodeList& nodes, const Stack& s);

/// Tokens, squares of an image or frames of a spectrum, with their positions. `before` the names, for a decoder
/// behind an encoder, whose table of tokens is the encoder's.
void add_embedding(NodeList& nodes, const Transformer& t, std::int64_t batch, std::int64_t tokens,
                   const std::string& before = "");
/// Whether what goes in are tokens.
inline bool reads_tokens(const Transformer& t) {
  return t.patches.patch == 0 && t.waveform.convolutions.empty();
}

}  // namespace flopmeter::models
