// Attention as one node: ONNX Runtime's operators and that of opset 23. Projections are linear layers,
// the rest is scaled dot-product attention.
#include <array>

#include "counters/op_counts.h"
#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

/// Heads and lengths, whatever the layout of the operands.
struct Heads {
  Dim batch = 1, heads = 1, kv_heads = 1, queries = 1, keys = 1, size = 1, value_size = 1;
  bool causal = false;
  std::int64_t window = 0;
};

Dim divided(const Dim& whole, std::int64_t parts, std::string_view what) {
  if (parts < 1 || (whole.known() && whole.value() % parts != 0)) {
    bad_input("{} {} cannot be divided into {} heads", whole.text(), what, parts);
  }
  return floor_divide(whole, parts);
}

LayerUse sdpa_use(const Heads& h) {
  const auto s =
      known_sizes({h.batch, h.heads, h.kv_heads, h.queries, h.keys, h.size, h.value_size});
  LayerUse use{"sdpa",
               {{"mb", s[0]},
                {"h", s[1]},
                {"hkv", s[2]},
                {"lq", s[3]},
                {"lk", s[4]},
                {"d", s[5]},
                {"causal", h.causal ? 1 : 0}},
               "sdpa"};
  if (s[6] != s[5]) {
    use.fields.emplace_back("dv", s[6]);
  }
  if (h.window > 0 && h.window < s[4]) {
    use.fields.emplace_back("window", h.window);
  }
  return use;
}

void append_mask(const NodeView& n, std::size_t mask, const Heads& h, Lowered& lowered) {
  if (n.has(mask) && is_float(n.in(mask).elem)) {
    lowered.layers.push_back(
        binary_use("add", known_sizes({h.batch, h.heads, h.queries, h.keys}), {1}, "mask"));
  }
}

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

Lowered lower_multi(const NodeView& n) {
  const Heads h = multi_heads(n);
  Lowered lowered;
  if (n.has(3)) {
    const Dim features = n.dims(3).at(0);
    lowered.layers.push_back(binary_use("add", known_sizes({h.batch, h.queries, features}),
                                        known_sizes({features}), "bias"));
  }
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
          .window = n.integer("local_window_size", -1)};
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

/// [heads, tokens, size] rotated.
LayerUse rotary_use(const Dim& rows, const Dim& heads, const Dim& size, std::string label) {
  const auto s = known_sizes({rows, heads, size});
  return {"rotary", {{"mb", 1}, {"l", s[0]}, {"h", s[1]}, {"d", s[2]}}, std::move(label)};
}

Lowered lower_grouped(const NodeView& n) {
  const Heads h = grouped_heads(n);
  Lowered lowered;
  if (n.integer("do_rotary", 0) != 0) {
    lowered.layers.push_back(rotary_use(h.batch * h.queries, h.heads, h.size, "rotary_q"));
    lowered.layers.push_back(rotary_use(h.batch * h.queries, h.kv_heads, h.size, "rotary_k"));
  }
  lowered.layers.push_back(sdpa_use(h));
  return lowered;
}

/// Opset 23: of 3 dimensions [batch, tokens, heads * size], of 4 [batch, heads, tokens, size].
Heads standard_heads(const NodeView& n) {
  const Dims& q = n.dims(0);
  const Dims& k = n.dims(1);
  const Dims& v = n.dims(2);
  Heads h;
  h.batch = q.at(0);
  if (q.size() == 3) {
    const std::int64_t heads = n.required("q_num_heads");
    const std::int64_t kv = n.required("kv_num_heads");
    h.heads = heads;
    h.kv_heads = kv;
    h.queries = q[1];
    h.keys = k.at(1);
    h.size = divided(q[2], heads, "features");
    h.value_size = divided(v.at(2), kv, "features");
  } else {
    h.heads = q.at(1);
    h.kv_heads = k.at(1);
    h.queries = q.at(2);
    h.keys = k.at(2);
    h.size = q.at(3);
    h.value_size = v.at(3);
  }
  if (n.has(4)) {
    h.keys = h.keys + n.dims(4).at(2);
  }
  h.causal = n.integer("is_causal", 0) != 0;
  return h;
}

void infer_standard(NodeView& n) {
  const Heads h = standard_heads(n);
  n.set(0, n.in(0).elem,
        n.dims(0).size() == 3 ? Dims{h.batch, h.queries, h.heads * h.value_size}
                              : Dims{h.batch, h.heads, h.queries, h.value_size});
  n.set(1, n.in(1).elem, {h.batch, h.kv_heads, h.keys, h.size});
  n.set(2, n.in(2).elem, {h.batch, h.kv_heads, h.keys, h.value_size});
  n.set(3, n.in(0).elem, {h.batch, h.heads, h.queries, h.keys});
}

Lowered lower_standard(const NodeView& n) {
  const Heads h = standard_heads(n);
  Lowered lowered;
  append_mask(n, 3, h, lowered);
  lowered.layers.push_back(sdpa_use(h));
  return lowered;
}

void infer_rotary(NodeView& n) { n.set(0, n.in(0).elem, n.dims(0)); }

Lowered lower_rotary(const NodeView& n) {
  const Dims& x = n.dims(0);
  Lowered lowered;
  if (x.size() == 4) {
    lowered.layers.push_back(rotary_use(x[0] * x[2], x[1], x[3], ""));
  } else if (x.size() == 3) {
    // Each head is rotated by itself: without their number, the table of cosines tells the size.
    std::int64_t heads = n.integer("num_heads", 0);
    const std::size_t table = n.proto.domain.empty() ? 1 : 2;
    if (heads == 0) {
      heads = known_sizes({floor_divide(x[2], n.dims(table).back() * 2)}).front();
    }
    lowered.layers.push_back(rotary_use(x[0] * x[1], heads, divided(x[2], heads, "features"), ""));
  } else {
    bad_input("its input has {} dimensions, not 3 or 4", x.size());
  }
  if (n.integer("rotary_embedding_dim", 0) != 0) {
    lowered.layers.front().fields.emplace_back("rot", n.integer("rotary_embedding_dim", 0));
  }
  return lowered;
}

constexpr std::array attention_rows{
    Operator{"", "Attention", infer_standard, lower_standard},
    Operator{"", "RotaryEmbedding", infer_rotary, lower_rotary},
    Operator{microsoft, "Attention", infer_packed, lower_packed},
    Operator{microsoft, "QAttention", infer_packed, lower_packed},
    Operator{microsoft, "MultiHeadAttention", infer_multi, lower_multi},
    Operator{microsoft, "GroupQueryAttention", infer_grouped, lower_grouped},
    Operator{microsoft, "RotaryEmbedding", infer_rotary, lower_rotary},
};

}  // namespace

std::span<const Operator> attention_operators() { return attention_rows; }

}  // namespace flopmeter::onnx
