// ONNX Runtime's attention, with its padding, biases and caches.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "models/onnx/bind/attention.h"

namespace flopmeter::onnx {
namespace {

/// What ONNX Runtime adds to scores: its own bias, and for keys that are padding a large negative number. A mask is of
/// batch x keys, of batch x queries x keys, or has the length of each sequence.
std::optional<Value> runtime_bias(Steps& steps, const Binding& b, std::size_t padding,
                                  std::size_t added, std::int64_t keys) {
  std::optional<Value> bias;
  if (b.view.has(padding)) {
    const double otherwise = b.view.real("mask_filter_value", -10000);
    Value mask = steps.in(padding);
    const Sizes d = mask.dims;
    if (d.size() == 1) {
      b.draw(padding, {.low = static_cast<double>(keys), .high = static_cast<double>(keys)});
      if (d[0] != b.view.sizes(0)[0]) {
        bad_input("with {} numbers for a mask of padding it is not run", d[0]);
      }
      std::vector<float> places(static_cast<std::size_t>(keys));
      for (std::size_t i = 0; i < places.size(); ++i) {
        places[i] = static_cast<float>(i);
      }
      mask = steps.two("less", steps.constant({1, 1, 1, keys}, std::move(places)),
                       Steps::view(mask, {d[0], 1, 1, 1}));
    } else if ((d.size() == 2 || d.size() == 3) && d.back() == keys) {
      mask =
          Steps::view(mask, d.size() == 2 ? Sizes{d[0], 1, 1, d[1]} : Sizes{d[0], 1, d[1], d[2]});
    } else {
      bad_input("with a mask of padding of {} it is not run", to_string(b.view.dims(padding)));
    }
    bias = bias_of_mask(steps, mask, otherwise);
  }
  if (b.view.has(added)) {
    b.draw(added, {-1, 1});
    const Value more = steps.in(added);
    bias = bias ? steps.two("add", *bias, more) : more;
  }
  return bias;
}

/// ONNX Runtime's, with a bias of all three.
void bind_multi_head_attention(const Binding& b) {
  require_absent(b, {});
  Steps steps(b);
  std::array<std::optional<Value>, 3> x;
  std::int64_t first = 0;
  bool by_heads = false;
  for (std::size_t i = 0; i < 3; ++i) {
    if (!b.view.has(i) || (b.view.sizes(i).size() != 3 && (i == 0 || b.view.has(3))) ||
        b.view.sizes(i).size() > 4) {
      bad_input("with operands that are packed it is not run");
    }
    x[i] = steps.in(i);
    by_heads = by_heads || x[i]->dims.size() == 4;
    const std::int64_t width = x[i]->dims[2];
    if (b.view.has(3)) {
      b.draw(3, {-0.1, 0.1});
      x[i] = steps.two("add", *x[i], steps.slice(steps.in(3), {width}, {first}, {1}));
    }
    first += width;
  }
  const std::int64_t heads = b.view.integer("num_heads", 1);
  const std::int64_t size = x[0]->dims[2] / heads;
  if (!by_heads && is_plain(b, {4, 5, 6, 7})) {
    return steps.finish(attended(steps, b, {*x[0], *x[1], *x[2]}, size, b.view.output_sizes()));
  }
  const auto split = [&](const Value& of) {
    return of.dims.size() == 4 ? of : to_heads(steps, of, heads);
  };
  HeadsAttention all{split(*x[0]), split(*x[1]), split(*x[2])};
  all.k = with_past(steps, b, 6, 1, all.k);
  all.v = with_past(steps, b, 7, 2, all.v);
  all.scale = scale_of(b, size);
  all.bias = runtime_bias(steps, b, 4, 5, all.k.dims[2]);
  all.causal = b.view.integer("unidirectional", 0) != 0;
  all.first = past_tokens(all);
  steps.finish(from_heads(steps, attended_by_heads(steps, all)));
}

/// Keys (0) or values (1) of the past, which lie in one tensor, before the new ones.
Value with_packed_past(Steps& steps, const Binding& b, std::int64_t which, const Value& x) {
  if (!b.view.has(4)) {
    return x;
  }
  const Value both = steps.in(4);
  Sizes one = both.dims;
  one[0] = 1;
  const Value past = steps.slice(both, one, {which, 0, 0, 0, 0}, {1, 1, 1, 1, 1});
  return steps.concat(Steps::view(past, {one.begin() + 1, one.end()}), x, 2);
}

constexpr std::size_t absent_input = 99;

/// ONNX Runtime's, which makes all three of its input: x W + b, side by side.
void bind_packed_attention(const Binding& b) {
  require_absent(b, {{6, "a cache that past and present share"}});
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
  const std::int64_t heads = b.view.integer("num_heads", 1);
  if (is_plain(b, {3, 4, 5})) {
    return steps.finish(attended(steps, b, of_input, each / heads, b.view.output_sizes()));
  }
  HeadsAttention by_heads{to_heads(steps, of_input.q, heads), to_heads(steps, of_input.k, heads),
                          to_heads(steps, of_input.v, heads)};
  by_heads.k = with_packed_past(steps, b, 0, by_heads.k);
  by_heads.v = with_packed_past(steps, b, 1, by_heads.v);
  if (b.view.wants(1)) {
    Sizes one = by_heads.k.dims;
    one.insert(one.begin(), 1);
    steps.finish(steps.concat(Steps::view(by_heads.k, one), Steps::view(by_heads.v, one), 0), 1);
  }
  by_heads.scale = scale_of(b, each / heads);
  by_heads.bias = runtime_bias(steps, b, 3, 5, by_heads.k.dims[2]);
  by_heads.causal = b.view.integer("unidirectional", 0) != 0;
  by_heads.first = past_tokens(by_heads);
  steps.finish(from_heads(steps, attended_by_heads(steps, by_heads)));
}

/// Rows of a table of angles for the new tokens, which stand behind the past ones unless positions are given.
Value angles_of(Steps& steps, const Binding& b, std::size_t table, std::int64_t past,
                std::int64_t tokens) {
  b.draw(table, {-1, 1});
  const Value angles = steps.in(table);
  const std::int64_t each = angles.dims[1];
  if (b.view.has(9)) {
    b.draw(9, {0, 0, angles.dims[0]});
    const Value places = steps.in(9);
    const std::int64_t rows = places.count() / tokens;
    return Steps::view(steps.gather(angles, 0, Steps::view(places, {places.count()})),
                       {rows, 1, tokens, each});
  }
  if (past + tokens > angles.dims[0]) {
    bad_input("{} tokens behind {} are more than the {} positions of its table", tokens, past,
              angles.dims[0]);
  }
  return Steps::view(steps.slice(angles, {tokens, each}, {past, 0}, {1, 1}), {1, 1, tokens, each});
}

/// ONNX Runtime's, of which groups of queries share keys. Where the new tokens go in a cache it knows from lengths, which
/// files compute of a mask: here all keys are there, so that they go behind the past ones.
void bind_grouped_attention(const Binding& b) {
  require_absent(b, {{11, "sinks"}});
  if (b.view.integer("smooth_softmax", 0) != 0 || b.view.integer("qk_output", 0) != 0 ||
      b.view.text("k_quant_type", "NONE") != "NONE") {
    bad_input("with a smooth softmax, scores as results or a quantised cache it is not run");
  }
  Steps steps(b);
  const std::int64_t heads = b.view.required("num_heads");
  const std::int64_t kv_heads = b.view.integer("kv_num_heads", heads);
  const Value given = steps.in(0);
  const std::int64_t tokens = given.dims[1];
  const bool packed = !b.view.has(1);
  const std::int64_t size = given.dims[2] / (packed ? heads + 2 * kv_heads : heads);
  const auto part = [&](std::size_t i, std::int64_t first, std::int64_t count) {
    const Value x = packed ? steps.slice(given, {given.dims[0], tokens, count * size},
                                         {0, 0, first * size}, {1, 1, 1})
                           : steps.in(i);
    return to_heads(steps, x, count);
  };
  HeadsAttention x{part(0, 0, heads), part(1, heads, kv_heads),
                   part(2, heads + kv_heads, kv_heads)};
  const std::int64_t past = b.view.has(3) ? b.view.sizes(3)[2] : 0;
  if (b.view.wants(1) && b.view.output_sizes(1)[2] != past + tokens) {
    bad_input("with a cache of {} tokens that has room for {} new ones it is not run", past,
              tokens);
  }
  if (b.view.integer("do_rotary", 0) != 0) {
    const Value cosines = angles_of(steps, b, 7, past, tokens);
    const Value sines = angles_of(steps, b, 8, past, tokens);
    const bool neighbours = b.view.integer("rotary_interleaved", 0) != 0;
    x.q = rotated(steps, x.q, cosines, sines, neighbours);
    x.k = rotated(steps, x.k, cosines, sines, neighbours);
  }
  x.k = with_past(steps, b, 3, 1, x.k);
  x.v = with_past(steps, b, 4, 2, x.v);
  x.scale = scale_of(b, size);
  x.softcap = b.view.real("softcap", 0);
  x.bias = runtime_bias(steps, b, absent_input, 10, past + tokens);
  x.causal = true;
  x.first = past;
  x.window = std::max<std::int64_t>(b.view.integer("local_window_size", -1), 0);
  steps.finish(from_heads(steps, attended_by_heads(steps, x)));
  b.builder.remark(fmt::format(
      "node '{}' (GroupQueryAttention): lengths of its keys are not read: all {} past ones are "
      "there and no key is padding",
      b.node.name, past));
}

constexpr std::array runtime_attention_rows{
    Binder{microsoft, "MultiHeadAttention", bind_multi_head_attention},
    Binder{microsoft, "Attention", bind_packed_attention},
    Binder{microsoft, "GroupQueryAttention", bind_grouped_attention},
};

}  // namespace

std::span<const Binder> runtime_attention_binders() { return runtime_attention_rows; }

}  // namespace flopmeter::onnx
