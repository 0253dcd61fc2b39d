// What attention of ONNX and that of ONNX Runtime have in common: as the layer sdpa where nothing but its heads is in it,
// else, with a mask, a cache, a soft cap or a rotation, step by step.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "models/onnx/bind/heads.h"

namespace flopmeter::onnx {

struct Absent {
  std::size_t input;
  std::string_view what;
};

/// Throws BadInput for what is there.
void require_absent(const Binding& b, std::initializer_list<Absent> all);

/// Whether nothing but heads is in it, so that the layer does it.
bool is_plain(const Binding& b, std::initializer_list<std::size_t> inputs);

/// What scores are multiplied by, heads being of that size.
double scale_of(const Binding& b, std::int64_t size);

/// Past keys or values, tokens behind each other, before the new ones; a result where one is asked for.
Value with_past(Steps& steps, const Binding& b, std::size_t past, std::size_t present,
                const Value& x);

/// How many tokens there are before the new ones.
std::int64_t past_tokens(const HeadsAttention& x);

struct QueriesKeysValues {
  Value q, k, v;
};

/// By the layer, which has heads side by side behind each token, as operands of three dimensions do. `size`: features of
/// a head of queries; `dims`: batch, tokens, heads x features of values.
Value attended(Steps& steps, const Binding& b, const QueriesKeysValues& x, std::int64_t size,
               Sizes dims);

}  // namespace flopmeter::onnx
