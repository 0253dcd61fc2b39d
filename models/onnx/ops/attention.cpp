// Attention as one node since opset 23, and the rotation of its queries and keys.
#include <array>

#include "models/onnx/ops/heads.h"

namespace flopmeter::onnx {
namespace {

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
  h.top_left = !n.has(4);
  h.softcap = n.real("softcap", 0) != 0;
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
  if (n.has(6)) {
    lowered.remark = fmt::format(
        "how many keys are padding is known during a run only: all {} are counted", h.keys.text());
  }
  return lowered;
}

void infer_rotary(NodeView& n) { n.set(0, n.in(0).elem, n.dims(0)); }

Lowered lower_rotary(const NodeView& n) {
  const Dims& x = n.dims(0);
  const std::int64_t rotated = n.integer("rotary_embedding_dim", 0);
  Lowered lowered;
  if (x.size() == 4) {
    lowered.layers.push_back(rotary_use(x[0] * x[2], x[1], x[3], rotated, ""));
  } else if (x.size() == 3) {
    // Each head is rotated by itself: without their number, the table of cosines tells the size.
    std::int64_t heads = n.integer("num_heads", 0);
    const std::size_t table = n.proto.domain.empty() ? 1 : 2;
    if (heads == 0) {
      heads = known_sizes({floor_divide(x[2], n.dims(table).back() * 2)}).front();
    }
    lowered.layers.push_back(
        rotary_use(x[0] * x[1], heads, divided(x[2], heads, "features"), rotated, ""));
  } else {
    bad_input("its input has {} dimensions, not 3 or 4", x.size());
  }
  return lowered;
}

constexpr std::array attention_rows{
    Operator{"", "Attention", infer_standard, lower_standard},
    Operator{"", "RotaryEmbedding", infer_rotary, lower_rotary},
    Operator{microsoft, "RotaryEmbedding", infer_rotary, lower_rotary},
};

}  // namespace

std::span<const Operator> attention_operators() { return attention_rows; }

}  // namespace flopmeter::onnx
