// Attention of ONNX's own domain, and what it has in common with ONNX Runtime's.
#include "models/onnx/bind/attention.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace flopmeter::onnx {
namespace {

const LayerUse& attention_layer(const Binding& b) {
  const auto found = std::ranges::find(b.lowered.layers, "sdpa", &LayerUse::layer);
  if (found == b.lowered.layers.end()) {
    bad_input("it is counted but cannot be run yet");
  }
  return *found;
}

/// Queries times what the node's own scale is more than the layer's, 1 / sqrt(size of a head).
Value scaled_queries(Steps& steps, const Binding& b, const Value& q, std::int64_t size) {
  const double scale = b.view.real("scale", 0);
  const double factor = scale == 0 ? 1 : scale * std::sqrt(static_cast<double>(size));
  return std::abs(factor - 1) < 1e-6 ? q : steps.two("mul", q, factor);
}

/// batch, heads, tokens, features to batch, tokens, heads x features.
Value heads_side_by_side(Steps& steps, const Value& x) {
  if (x.dims.size() != 4) {
    return x;
  }
  const Value turned = steps.transpose(x, {0, 2, 1, 3});
  return Steps::view(turned, {turned.dims[0], turned.dims[1], turned.dims[2] * turned.dims[3]});
}

/// A mask of truth values chooses keys, one of numbers is added.
Value standard_bias(Steps& steps, const Binding& b) {
  const Value mask = steps.in(3);
  b.draw(3, is_float(b.view.in(3).elem) ? Range{-1, 1} : Range{1, 1});
  return is_float(b.view.in(3).elem)
             ? mask
             : bias_of_mask(steps, mask, -std::numeric_limits<double>::infinity());
}

void bind_standard_by_heads(const Binding& b) {
  if (b.view.has(3) && b.view.real("softcap", 0) != 0) {
    bad_input("with a soft cap and a mask it is not run: versions of ONNX differ in their order");
  }
  if (b.view.wants(3)) {
    bad_input("its scores as results are not run");
  }
  Steps steps(b);
  const bool by_heads = b.view.sizes(0).size() == 4;
  const auto heads = [&](std::size_t i, std::string_view count) {
    return by_heads ? steps.in(i) : to_heads(steps, steps.in(i), b.view.required(count));
  };
  HeadsAttention x{heads(0, "q_num_heads"), heads(1, "kv_num_heads"), heads(2, "kv_num_heads")};
  x.k = with_past(steps, b, 4, 1, x.k);
  x.v = with_past(steps, b, 5, 2, x.v);
  x.scale = scale_of(b, x.q.dims[3]);
  x.softcap = b.view.real("softcap", 0);
  x.bias = b.view.has(3) ? std::optional(standard_bias(steps, b)) : std::nullopt;
  x.causal = b.view.integer("is_causal", 0) != 0;
  x.first = b.view.has(4) ? past_tokens(x) : 0;
  const Value y = attended_by_heads(steps, x);
  steps.finish(by_heads ? y : from_heads(steps, y));
}

void bind_standard_attention(const Binding& b) {
  require_absent(b, {{6, "lengths of its keys"}});
  if (!is_plain(b, {3, 4, 5})) {
    return bind_standard_by_heads(b);
  }
  Steps steps(b);
  const Value given = steps.in(0);
  const bool by_heads = given.dims.size() == 4;
  const Sizes y = b.view.output_sizes();
  const std::int64_t size =
      by_heads ? given.dims[3] : given.dims[2] / b.view.integer("q_num_heads", 1);
  const QueriesKeysValues x{heads_side_by_side(steps, given),
                            heads_side_by_side(steps, steps.in(1)),
                            heads_side_by_side(steps, steps.in(2))};
  const Value made = attended(steps, b, x, size, by_heads ? Sizes{y[0], y[2], y[1] * y[3]} : y);
  steps.finish(by_heads ? steps.transpose(Steps::view(made, {y[0], y[2], y[1], y[3]}), {0, 2, 1, 3})
                        : made);
}

constexpr std::array standard_attention_rows{
    Binder{"", "Attention", bind_standard_attention},
};

}  // namespace

void require_absent(const Binding& b, std::initializer_list<Absent> all) {
  if (!b.lowered.reason.empty()) {
    bad_input("{}", b.lowered.reason);
  }
  for (const Absent& one : all) {
    if (b.view.has(one.input)) {
      bad_input("with {} it is not run", one.what);
    }
  }
}

bool is_plain(const Binding& b, std::initializer_list<std::size_t> inputs) {
  for (std::size_t i = 1; i < b.node.outputs.size(); ++i) {
    if (b.view.wants(i)) {
      return false;
    }
  }
  return b.view.real("softcap", 0) == 0 &&
         std::ranges::none_of(inputs, [&](std::size_t input) { return b.view.has(input); });
}

double scale_of(const Binding& b, std::int64_t size) {
  const double given = b.view.real("scale", 0);
  return given == 0 ? 1 / std::sqrt(static_cast<double>(size)) : given;
}

Value with_past(Steps& steps, const Binding& b, std::size_t past, std::size_t present,
                const Value& x) {
  const Value all = b.view.has(past) ? steps.concat(steps.in(past), x, 2) : x;
  if (b.view.wants(present)) {
    steps.finish(all, present);
  }
  return all;
}

std::int64_t past_tokens(const HeadsAttention& x) { return x.k.dims[2] - x.q.dims[2]; }

Value attended(Steps& steps, const Binding& b, const QueriesKeysValues& x, std::int64_t size,
               Sizes dims) {
  return steps.layer(
      "sdpa", shape_text(attention_layer(b)),
      {{"src_q", scaled_queries(steps, b, x.q, size)}, {"src_k", x.k}, {"src_v", x.v}},
      std::move(dims));
}

std::span<const Binder> attention_binders() { return standard_attention_rows; }

}  // namespace flopmeter::onnx
