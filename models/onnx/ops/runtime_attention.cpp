// Attention as ONNX Runtime's own operators have it. Projections are linear layers, the rest is scaled
// dot-product attention.
#include <array>

#include "counters/op_counts.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/heads.h"

namespace flopmeter::onnx {
namespace {

std::int64_t attention_heads(const NodeView& n) { return n.required("num_heads"); }

/// Features of queries, keys and values: all the same unless they are given.
std::array<Dim, 3> projected(const NodeView& n) {
  if (const auto sizes = n.integers_of("qkv_hidden_sizes"); sizes.size() == 3) {
    return {sizes[0], sizes[1], sizes[2]};
  }
  const Dim each = floor_divide(n.dims(1).at(1), 3);
  return {each, each, each};
}

std::size_t past_input(const NodeView& n) { return n.proto.op == "QAttention" ? 8 : 4; }

Heads packed_heads(const NodeView& n) {
  const Dims& x = n.dims(0);
  if (x.size() != 3) {
    bad_input("its input has {} dimensions, not 3", x.size());
  }
  const std::int64_t heads = attention_heads(n);
  const auto sizes = projected(n);
  Dim past = 0;
  if (n.has(past_input(n))) {
    past = n.dims(past_input(n)).at(3);
  }
  return {.batch = x[0],
          .heads = heads,
          .kv_heads = heads,
          .queries = x[1],
          .keys = x[1] + past,
          .size = divided(sizes[0], heads, "features"),
          .value_size = divided(sizes[2], heads, "features"),
          .causal = n.integer("unidirectional", 0) != 0};
}

void infer_packed(NodeView& n) {
  const Heads h = packed_heads(n);
  n.set(0, n.proto.op == "QAttention" ? Elem::f32 : n.in(0).elem,
        {h.batch, h.queries, projected(n)[2]});
  n.set(1, n.in(0).elem, {2, h.batch, h.heads, h.keys, h.size});
}

Lowered lower_packed(const NodeView& n) {
  const Heads h = packed_heads(n);
  const auto x = n.sizes(0);
  const auto sizes = projected(n);
  Lowered lowered;
  lowered.layers.push_back({"linear",
                            {{"mb", checked_multiply(x[0], x[1])},
                             {"ic", x[2]},
                             {"oc", known_sizes({sizes[0] + sizes[1] + sizes[2]}).front()},
                             {"bias", n.has(2) ? 1 : 0}},
                            "qkv"});
  if (n.proto.op == "QAttention") {
    lowered.reason = "the scaling of its quantised projections is not counted";
  } else if (n.integer("do_rotary", 0) != 0) {
    append_rotary(h, n.integer("rotary_embedding_dim", 0), lowered);
  }
  if (n.proto.op == "Attention") {
    append_mask(n, 5, h, lowered);
  }
  lowered.layers.push_back(sdpa_use(h));
  return lowered;
}

/// Queries [batch, tokens, features]; keys the same, or by heads, or everything packed in one.
Heads multi_heads(const NodeView& n) {
  const Dims& q = n.dims(0);
  const std::int64_t heads = attention_heads(n);
  Heads h{.batch = q.at(0),
          .heads = heads,
          .kv_heads = heads,
          .queries = q.at(1),
          .causal = n.integer("unidirectional", 0) != 0};
  if (q.size() == 5) {
    h.keys = q[1];
    h.size = h.value_size = q[4];
    return h;
  }
  h.size = divided(q.at(2), heads, "features");
  const Dims& k = n.dims(1);
  h.keys = k.size() == 4 ? k[2] : k.at(1);
  h.value_size = h.size;
  if (n.has(2)) {
    const Dims& v = n.dims(2);
    h.value_size = v.size() == 4 ? v[3] : divided(v.at(2), heads, "features");
  }
  if (n.has(6)) {
    h.keys = h.keys + n.dims(6).at(2);
  }
  return h;
}

void infer_multi(NodeView& n) {
  const Heads h = multi_heads(n);
  n.set(0, n.in(0).elem, {h.batch, h.queries, h.heads * h.value_size});
  n.set(1, n.in(0).elem, {h.batch, h.heads, h.keys, h.size});
  n.set(2, n.in(0).elem, {h.batch, h.heads, h.keys, h.value_size});
}

/// Of queries, keys and values, those of past tokens excepted.
void append_biases(const NodeView& n, const Heads& h, Lowered& lowered) {
  const Dim keys = n.has(6) ? h.keys - n.dims(6).at(2) : h.keys;
  struct Part {
    std::string_view name;
    Dim tokens, features;
  };
  for (const Part& part :
       {Part{"bias_q", h.queries, h.heads * h.size}, Part{"bias_k", keys, h.heads * h.size},
        Part{"bias_v", keys, h.heads * h.value_size}}) {
    lowered.layers.push_back(binary_use("add", known_sizes({h.batch, part.tokens, part.features}),
                                        known_sizes({part.features}), std::string(part.name)));
  }
}

Lowered lower_multi(const NodeView& n) {
  const Heads h = multi_heads(n);
  Lowered lowered;
  if (n.has(3)) {
    append_biases(n, h, lowered);
  }
  append_mask(n, 4, h, lowered);
  append_mask(n, 5, h, lowered);
  lowered.layers.push_back(sdpa_use(h));
  return lowered;
}

Heads grouped_heads(const NodeView& n) {
  const Dims& q = n.dims(0);
  if (q.size() != 3) {
    bad_input("its queries have {} dimensions, not 3", q.size());
  }
  const std::int64_t heads = attention_heads(n);
  const std::int64_t kv = n.integer("kv_num_heads", heads);
  const bool packed = !n.has(1);
  Heads h{.batch = q[0],
          .heads = heads,
          .kv_heads = kv,
          .queries = q[1],
          .keys = q[1],
          .size = divided(q[2], packed ? heads + 2 * kv : heads, "features"),
          .causal = true,
          .window = n.integer("local_window_size", -1),
          .softcap = n.real("softcap", 0) != 0,
          .sink = n.has(11) || n.integer("smooth_softmax", 0) != 0};
  h.value_size = h.size;
  if (n.has(6) && n.content(6) != nullptr) {
    h.keys = n.integers(6).at(0);
  } else if (n.has(3)) {
    h.keys = n.dims(3).at(2) + q[1];
  }
  return h;
}

void infer_grouped(NodeView& n) {
  const Heads h = grouped_heads(n);
  n.set(0, n.in(0).elem, {h.batch, h.queries, h.heads * h.size});
  n.set(1, n.in(0).elem, {h.batch, h.kv_heads, h.keys, h.size});
  n.set(2, n.in(0).elem, {h.batch, h.kv_heads, h.keys, h.size});
}

Lowered lower_grouped(const NodeView& n) {
  const Heads h = grouped_heads(n);
  Lowered lowered;
  if (n.integer("do_rotary", 0) != 0) {
    // The table of cosines has half as many columns as features are rotated.
    append_rotary(h, n.has(7) ? known_sizes({n.dims(7).back() * 2}).front() : 0, lowered);
  }
  append_mask(n, 10, h, lowered);
  lowered.layers.push_back(sdpa_use(h));
  if (n.has(5) && (n.content(6) == nullptr && n.has(3))) {
    lowered.remark = fmt::format(
        "how many keys there are is known during a run only: the {} of past_key and the new ones "
        "are "
        "counted",
        n.dims(3).at(2).text());
  }
  return lowered;
}

constexpr std::array runtime_attention_rows{
    Operator{microsoft, "Attention", infer_packed, lower_packed},
    Operator{microsoft, "QAttention", infer_packed, lower_packed},
    Operator{microsoft, "MultiHeadAttention", infer_multi, lower_multi},
    Operator{microsoft, "GroupQueryAttention", infer_grouped, lower_grouped},
};

}  // namespace

std::span<const Operator> runtime_attention_operators() { return runtime_attention_rows; }

}  // namespace flopmeter::onnx
