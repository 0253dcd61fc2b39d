// Attention by heads as the products, masks and softmax that it is made of, and the rotation of its queries and keys.
#pragma once

#include <optional>

#include "models/onnx/bind/steps.h"

namespace flopmeter::onnx {

/// out = softmax(cap(q k^T * scale) + bias) v. Queries are batch x heads x tokens x features; heads of keys and values may
/// be fewer, each then of a group of queries' that follow each other.
struct HeadsAttention {
  Value q, k, v;
  double scale = 1, softcap = 0;
  std::optional<Value> bias = {};  // to batch x heads x queries x keys
  bool causal = false;
  std::int64_t first = 0;   // position of the first query among the keys, where it is causal
  std::int64_t window = 0;  // keys that a query sees, where it is causal; 0: all up to its own
};

/// batch x heads x queries x features of values.
Value attended_by_heads(Steps& steps, const HeadsAttention& x);

/// 0 where a mask is true, `otherwise` where it is not.
Value bias_of_mask(Steps& steps, const Value& mask, double otherwise);

/// batch x tokens x (heads x features) to batch x heads x tokens x features, and back.
Value to_heads(Steps& steps, const Value& x, std::int64_t heads);
Value from_heads(Steps& steps, const Value& x);

/// The first 2 c features of each head turned by angles of which `cosines` and `sines` have c a token, in dimensions that
/// broadcast to those of x without the last. Pairs are neighbours, or halves of what is turned.
Value rotated(Steps& steps, const Value& x, const Value& cosines, const Value& sines,
              bool neighbours);

}  // namespace flopmeter::onnx
