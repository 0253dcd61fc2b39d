// Attention of a transformer: full, grouped, latent, disentangled, and over an encoder's tokens.
#include "models/architectures/pieces.h"

namespace flopmeter::models {
namespace {

void add_rotary(NodeList& nodes, std::string_view name, std::int64_t rows, std::int64_t heads,
                std::int64_t size) {
  // Pairs are turned: two products and a sum an element.
  const std::int64_t all = product(heads, size);
  nodes.add(fmt::format("{}.cos", name), "mul", pair_text(rows, all));
  nodes.add(fmt::format("{}.sin", name), "mul", pair_text(rows, all));
  nodes.add(fmt::format("{}.sum", name), "add", pair_text(rows, all));
}

struct Scores {
  std::int64_t heads, kv_heads, size, value_size, keys;
  std::int64_t window;
  bool causal;
};

void add_sdpa(NodeList& nodes, const Stack& s, const Scores& a) {
  FieldValues fields{{"mb", s.batch},
                     {"h", a.heads},
                     {"hkv", a.kv_heads},
                     {"lq", s.tokens},
                     {"lk", a.keys},
                     {"d", a.size},
                     {"causal", a.causal && s.tokens > 1 ? 1 : 0}};
  std::string missing;
  const bool windowed = a.window > 0 && a.window < a.keys;
  if (a.value_size != a.size) {
    if (has_field("sdpa", "dv")) {
      fields.emplace_back("dv", a.value_size);
    } else {
      missing = "the layer sdpa has no value size of its own";
    }
  }
  if (windowed) {
    if (has_field("sdpa", "window")) {
      fields.emplace_back("window", a.window);
    } else {
      missing = fmt::format("its window of {} is not left out in bounds", a.window);
    }
  }
  if (s.t.sinks && has_field("sdpa", "sink")) {
    fields.emplace_back("sink", 1);
  }
  nodes.add("attention.sdpa", "sdpa", fields);
  if (!missing.empty()) {
    nodes.reason(missing);
  }
  const Transformer& t = s.t;
  if (t.softcap > 0) {
    const std::int64_t scores = product(product(s.batch, a.heads), product(s.tokens, a.keys));
    nodes.add("attention.cap_in", "mul", fmt::format("1x{}:1x1", scores));
    add_unary(nodes, "attention.cap", "tanh", 1, scores);
    nodes.add("attention.cap_out", "mul", fmt::format("1x{}:1x1", scores));
  }
  nodes.parameters(t.sinks ? a.heads : 0);
}

/// Queries, keys and values out of latent vectors, as DeepSeek's models have them. The rotated part of
/// keys is shared by all heads.
void add_latent_attention(NodeList& nodes, const Stack& s) {
  const Transformer& t = s.t;
  const std::int64_t rows = s.rows();
  const std::int64_t all_rows = product(s.batch, checked_add(s.past, s.tokens));
  const std::int64_t plain = t.head_size - t.rope_size;
  if (t.q_latent > 0) {
    nodes.linear("attention.q_down", rows, t.hidden, t.q_latent, t.q_bias);
    add_norm(nodes, t, "attention.q_norm", rows, t.q_latent);
    nodes.linear("attention.q_up", rows, t.q_latent, product(t.heads, t.head_size), false);
  } else {
    nodes.linear("attention.q", rows, t.hidden, product(t.heads, t.head_size), false);
  }
  nodes.linear("attention.kv_down", rows, t.hidden, t.kv_latent + t.rope_size, t.q_bias);
  add_norm(nodes, t, "attention.kv_norm", rows, t.kv_latent);
  // Keys and values of the past are made of their latent vectors again.
  nodes.linear("attention.kv_up", all_rows, t.kv_latent, product(t.heads, plain + t.value_size),
               false);
  add_rotary(nodes, "attention.rotary_q", rows, t.heads, t.rope_size);
  add_rotary(nodes, "attention.rotary_k", rows, 1, t.rope_size);
  add_sdpa(nodes, s, {t.heads, t.heads, t.head_size, t.value_size, s.past + s.tokens, 0, s.causal});
  nodes.linear("attention.o", rows, product(t.heads, t.value_size), t.hidden, t.o_bias);
}

/// Norms of queries and keys: of each head by itself, or of all together.
void add_qk_norms(NodeList& nodes, const Transformer& t, std::int64_t rows) {
  struct Part {
    std::string_view name;
    std::int64_t heads;
  };
  for (const Part& part :
       {Part{"attention.q_norm", t.heads}, Part{"attention.k_norm", t.kv_heads}}) {
    const std::int64_t all = product(part.heads, t.head_size);
    if (t.qk_norm_whole) {
      add_norm(nodes, t, part.name, rows, all);
    } else if (t.qk_norm) {
      nodes.add(part.name, "rmsnorm", {{"mb", product(rows, part.heads)}, {"c", t.head_size}});
      nodes.parameters(t.head_size);
    }
  }
}

/// DeBERTa: queries meet keys of the table of relative positions, and keys queries of it; both are made by the
/// layer's own weights. What is picked of the products is divided and added to the scores.
void add_disentangled(NodeList& nodes, const Stack& s) {
  const Transformer& t = s.t;
  const RelativePositions& r = t.disentangled;
  const std::int64_t inner = product(t.heads, t.head_size);
  const std::int64_t heads = product(s.batch, t.heads);
  const std::int64_t scores = product(heads, product(s.tokens, s.tokens));
  struct Part {
    bool used;
    std::string_view name, rows;
  };
  for (const Part& part : {Part{r.keys, "c2p", "pos_key"}, Part{r.queries, "p2c", "pos_query"}}) {
    if (!part.used) {
      continue;
    }
    nodes.add(fmt::format("attention.{}", part.rows), "linear",
              {{"mb", r.rows}, {"ic", t.hidden}, {"oc", inner}, {"bias", 1}});
    nodes.add(
        fmt::format("attention.{}", part.name), "matmul",
        fmt::format("{}x{}x{}:{}x{}x{}", heads, s.tokens, t.head_size, heads, t.head_size, r.rows));
    nodes.add(fmt::format("attention.{}.scale", part.name), "div", fmt::format("1x{}:1x1", scores));
    nodes.add(fmt::format("attention.{}.sum", part.name), "add", pair_text(1, scores));
  }
}

}  // namespace

void add_attention(NodeList& nodes, const Stack& s, std::int64_t window) {
  const Transformer& t = s.t;
  if (t.kv_latent > 0) {
    return add_latent_attention(nodes, s);
  }
  const std::int64_t rows = s.rows();
  const std::int64_t keys = product(t.kv_heads, t.head_size);
  nodes.linear("attention.q", rows, t.hidden, product(t.heads, t.head_size), t.q_bias);
  nodes.linear("attention.k", rows, t.hidden, keys, t.q_bias && t.k_bias);
  nodes.linear("attention.v", rows, t.hidden, product(t.kv_heads, t.value_size), t.q_bias);
  add_qk_norms(nodes, t, rows);
  if (t.positions == Positions::rotary) {
    add_rotary(nodes, "attention.rotary_q", rows, t.heads, t.rotary_size);
    add_rotary(nodes, "attention.rotary_k", rows, t.kv_heads, t.rotary_size);
  }
  if (t.disentangled.rows > 0) {
    add_disentangled(nodes, s);
  }
  add_sdpa(nodes, s,
           {t.heads, t.kv_heads, t.head_size, t.value_size, s.past + s.tokens, window, s.causal});
  if (t.attention_gate) {
    const std::int64_t all = product(t.heads, t.value_size);
    nodes.linear("attention.gate", rows, t.hidden, all, t.q_bias);
    add_unary(nodes, "attention.gate.sigmoid", "sigmoid", rows, all);
    nodes.add("attention.gated", "mul", pair_text(rows, all));
  }
  nodes.linear("attention.o", rows, product(t.heads, t.value_size), t.hidden, t.o_bias);
}

void add_cross_attention(NodeList& nodes, const Stack& s) {
  const Transformer& t = s.t;
  const std::int64_t inner = product(t.heads, t.head_size);
  if (t.norm_before) {
    add_norm(nodes, t, "cross.norm", s.rows(), t.hidden);
  }
  nodes.linear("cross.q", s.rows(), t.hidden, inner, t.q_bias);
  if (s.past == 0) {
    nodes.linear("cross.k", product(s.batch, s.memory), t.hidden, inner, t.q_bias && t.k_bias);
    nodes.linear("cross.v", product(s.batch, s.memory), t.hidden, inner, t.q_bias);
  } else {
    nodes.parameters(product(2, checked_add(product(t.hidden, inner), t.q_bias ? inner : 0)));
  }
  nodes.add("cross.sdpa", "sdpa",
            {{"mb", s.batch},
             {"h", t.heads},
             {"hkv", t.heads},
             {"lq", s.tokens},
             {"lk", s.memory},
             {"d", t.head_size}});
  nodes.linear("cross.o", s.rows(), inner, t.hidden, t.o_bias);
  add_sum(nodes, "cross.residual", s.rows(), t.hidden);
  if (!t.norm_before) {
    add_norm(nodes, t, "cross.norm", s.rows(), t.hidden);
  }
}

}  // namespace flopmeter::models
