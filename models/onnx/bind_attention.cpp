// Attention as one node, where nothing but its heads is in it: no mask, no cache, no rotation. The layer has heads side
// by side behind each token, as operands of three dimensions do.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "models/onnx/bind_steps.h"

namespace flopmeter::onnx {
namespace {

struct Absent {
  std::size_t input;
  std::string_view what;
};

/// Throws BadInput for what is there.
void require_absent(const Binding& b, std::initializer_list<Absent> all) {
  if (!b.lowered.reason.empty()) {
    bad_input("{}", b.lowered.reason);
  }
  for (const Absent& one : all) {
    if (b.view.has(one.input)) {
      bad_input("with {} it is not run", one.what);
    }
  }
  for (std::size_t i = 1; i < b.node.outputs.size(); ++i) {
    if (b.view.wants(i)) {
      bad_input("its keys, values or scores as results are not run");
    }
  }
}

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

struct QueriesKeysValues {
  Value q, k, v;
};

/// `size`: features of a head of queries; `dims`: batch, tokens, heads x features of values.
Value attended(Steps& steps, const Binding& b, const QueriesKeysValues& x, std::int64_t size,
               Sizes dims) {
  return steps.layer(
      "sdpa", shape_text(attention_layer(b)),
      {{"src_q", scaled_queries(steps, b, x.q, size)}, {"src_k", x.k}, {"src_v", x.v}},
      std::move(dims));
}

void bind_standard_attention(const Binding& b) {
  require_absent(b, {{3, "a mask"}, {4, "a cache"}, {5, "a cache"}, {6, "lengths of its keys"}});
  if (b.view.real("softcap", 0) != 0) {
    bad_input("with a soft cap it is not run");
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

/// ONNX Runtime's, with a bias of all three.
void bind_multi_head_attention(const Binding& b) {
  require_absent(b, {{4, "a mask of padding"}, {5, "a mask"}, {6, "a cache"}, {7, "a cache"}});
  Steps steps(b);
  std::array<std::optional<Value>, 3> x;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    if (!b.view.has(i) || b.view.sizes(i).size() != 3) {
      bad_input("with operands that are packed or by heads it is not run");
    }
    x[i] = steps.in(i);
    const std::int64_t width = x[i]->dims[2];
    if (b.view.has(3)) {
      b.draw(3, {-0.1, 0.1});
      x[i] = steps.two("add", *x[i], steps.slice(steps.in(3), {width}, {first}, {1}));
    }
    first += width;
  }
  const std::int64_t size = x[0]->dims[2] / b.view.integer("num_heads", 1);
  steps.finish(attended(steps, b, {*x[0], *x[1], *x[2]}, size, b.view.output_sizes()));
}

/// ONNX Runtime's, which makes all three of its input: x W + b, side by side.
void bind_packed_attention(const Binding& b) {
  require_absent(b, {{3, "a mask of padding"}, {4, "a cache"}, {5, "a mask"}, {6, "a cache"}});
  if (b.view.integer("do_rotary", 0) != 0) {
    bad_input("with a rotation of its queries and keys it is not run");
  }
  Steps steps(b);
  const Value x = steps.in(0);
  const auto w = b.view.sizes(1);
  const double bound = std::sqrt(3.0 / static_cast<double>(w[0]));
  b.draw(1, {-bound, bound});
  b.draw(2, {-0.1, 0.1});
  const std::int64_t tokens = x.dims[0] * x.dims[1];
  Value all = steps.layer("linear", fmt::format("mb{}ic{}oc{}bias0", tokens, w[0], w[1]),
                          {{"src", x}, {"weights", steps.transpose(steps.in(1), {1, 0})}},
                          {x.dims[0], x.dims[1], w[1]});
  all = b.view.has(2) ? steps.two("add", all, steps.in(2)) : all;
  const std::int64_t of_values = b.view.output_sizes().at(2);
  const std::int64_t each = (w[1] - of_values) / 2;
  const auto part = [&](std::int64_t first, std::int64_t width) {
    return steps.slice(all, {x.dims[0], x.dims[1], width}, {0, 0, first}, {1, 1, 1});
  };
  const QueriesKeysValues of_input{part(0, each), part(each, each), part(2 * each, of_values)};
  steps.finish(
      attended(steps, b, of_input, each / b.view.integer("num_heads", 1), b.view.output_sizes()));
}

constexpr std::array attention_rows_bound{
    Binder{"", "Attention", bind_standard_attention},
    Binder{"com.microsoft", "MultiHeadAttention", bind_multi_head_attention},
    Binder{"com.microsoft", "Attention", bind_packed_attention},
};

}  // namespace

std::span<const Binder> attention_binders() { return attention_rows_bound; }

}  // namespace flopmeter::onnx
