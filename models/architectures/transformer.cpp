#include "models/architectures/transformer.h"

#include <fmt/format.h>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/architectures/node_list.h"

namespace flopmeter::models {
namespace {

/// Tokens of one pass of one stack of layers, and what its attention looks at.
struct Stack {
  const Transformer& t;
  std::int64_t batch, tokens, past;
  bool causal;
  std::int64_t memory = 0;  // tokens of the encoder that a decoder looks at

  std::int64_t rows() const { return checked_multiply(batch, tokens); }
};

std::int64_t product(std::int64_t a, std::int64_t b) { return checked_multiply(a, b); }

std::string pair_text(std::int64_t rows, std::int64_t columns) {
  return fmt::format("{}x{}:{}x{}", rows, columns, rows, columns);
}

void add_norm(NodeList& nodes, const Transformer& t, std::string_view name, std::int64_t rows,
              std::int64_t length) {
  const bool rms = t.norm == Norm::rms;
  nodes.add(name, rms ? "rmsnorm" : "layernorm", {{"mb", rows}, {"c", length}});
  nodes.parameters(rms || !t.norm_bias ? length : product(2, length));
}

void add_unary(NodeList& nodes, std::string_view name, std::string_view layer, std::int64_t rows,
               std::int64_t columns) {
  nodes.add(name, layer, {{"mb", rows}, {"ic", columns}});
}

void add_sum(NodeList& nodes, std::string_view name, std::int64_t rows, std::int64_t columns) {
  nodes.add(name, "add", pair_text(rows, columns));
}

/// up, perhaps a gate, the activation, down; `rows` tokens. `copies` as many weights are stored.
void add_feed_forward(NodeList& nodes, const Transformer& t, const std::string& prefix,
                      std::int64_t rows, std::int64_t size, bool bias, std::int64_t copies) {
  const std::int64_t weights = product(t.hidden, size);
  if (is_gated(t.activation)) {
    nodes.linear(prefix + "gate", rows, t.hidden, size, bias);
    nodes.parameters(product(copies - 1, checked_add(weights, bias ? size : 0)));
  }
  nodes.linear(prefix + "up", rows, t.hidden, size, bias);
  nodes.parameters(product(copies - 1, checked_add(weights, bias ? size : 0)));
  add_unary(nodes, prefix + "act", function_of(t.activation), rows, size);
  if (is_gated(t.activation)) {
    nodes.add(prefix + "product", "mul", pair_text(rows, size));
  }
  nodes.linear(prefix + "down", rows, size, t.hidden, bias);
  nodes.parameters(product(copies - 1, checked_add(weights, bias ? t.hidden : 0)));
}

/// The router scores all experts; each token goes through the active ones, whose results are weighted
/// and summed.
void add_experts(NodeList& nodes, const Transformer& t, std::int64_t rows) {
  nodes.linear("router", rows, t.hidden, t.experts, t.router_bias);
  nodes.parameters(t.router_correction ? t.experts : 0);
  nodes.add("router.softmax", "softmax", {{"mb", rows}, {"c", t.experts}});
  const std::int64_t routed = product(rows, t.active_experts);
  add_feed_forward(nodes, t, "experts.", routed, t.expert_size, t.expert_bias, t.experts);
  nodes.add("experts.weighted", "mul", fmt::format("{}x{}:{}x1", routed, t.hidden, routed));
  if (t.active_experts > 1) {
    nodes.add("experts.sum", "add", pair_text(product(rows, t.active_experts - 1), t.hidden));
  }
  if (t.shared_size > 0) {
    add_feed_forward(nodes, t, "shared.", rows, t.shared_size, false, 1);
    if (t.shared_gate) {
      nodes.linear("shared.gate_of_all", rows, t.hidden, 1, false);
      add_unary(nodes, "shared.sigmoid", "sigmoid", rows, 1);
      nodes.add("shared.weighted", "mul", fmt::format("{}x{}:{}x1", rows, t.hidden, rows));
    }
    add_sum(nodes, "shared.sum", rows, t.hidden);
  }
}

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

void add_attention(NodeList& nodes, const Stack& s, std::int64_t window) {
  const Transformer& t = s.t;
  if (t.kv_latent > 0) {
    return add_latent_attention(nodes, s);
  }
  const std::int64_t rows = s.rows();
  const std::int64_t keys = product(t.kv_heads, t.head_size);
  nodes.linear("attention.q", rows, t.hidden, product(t.heads, t.head_size), t.q_bias);
  nodes.linear("attention.k", rows, t.hidden, keys, t.q_bias);
  nodes.linear("attention.v", rows, t.hidden, product(t.kv_heads, t.value_size), t.q_bias);
  if (t.qk_norm) {
    nodes.add("attention.q_norm", "rmsnorm", {{"mb", product(rows, t.heads)}, {"c", t.head_size}});
    nodes.add("attention.k_norm", "rmsnorm",
              {{"mb", product(rows, t.kv_heads)}, {"c", t.head_size}});
    nodes.parameters(product(2, t.head_size));
  }
  if (t.positions == Positions::rotary) {
    add_rotary(nodes, "attention.rotary_q", rows, t.heads, t.rotary_size);
    add_rotary(nodes, "attention.rotary_k", rows, t.kv_heads, t.rotary_size);
  }
  add_sdpa(nodes, s,
           {t.heads, t.kv_heads, t.head_size, t.value_size, s.past + s.tokens, window, s.causal});
  nodes.linear("attention.o", rows, product(t.heads, t.value_size), t.hidden, t.o_bias);
}

/// Keys and values of the encoder are made once, in the first pass.
void add_cross_attention(NodeList& nodes, const Stack& s) {
  const Transformer& t = s.t;
  const std::int64_t inner = product(t.heads, t.head_size);
  if (t.norm_before) {
    add_norm(nodes, t, "cross.norm", s.rows(), t.hidden);
  }
  nodes.linear("cross.q", s.rows(), t.hidden, inner, t.q_bias);
  if (s.past == 0) {
    nodes.linear("cross.k", product(s.batch, s.memory), t.hidden, inner, t.q_bias);
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

void add_block(NodeList& nodes, const Stack& s, std::int64_t window, bool experts) {
  const Transformer& t = s.t;
  const std::int64_t rows = s.rows();
  if (t.norm_before) {
    add_norm(nodes, t, "attention.norm", rows, t.hidden);
  }
  add_attention(nodes, s, window);
  if (t.norm_after && t.norm_before) {
    add_norm(nodes, t, "attention.norm_after", rows, t.hidden);
  }
  add_sum(nodes, "attention.residual", rows, t.hidden);
  if (t.norm_after && !t.norm_before) {
    add_norm(nodes, t, "attention.norm_after", rows, t.hidden);
  }
  if (s.memory > 0) {
    add_cross_attention(nodes, s);
  }
  if (t.norm_before && !t.norm_once) {
    add_norm(nodes, t, "ffn.norm", rows, t.hidden);
  }
  if (experts) {
    add_experts(nodes, t, rows);
  } else {
    add_feed_forward(nodes, t, "ffn.", rows, t.feed_forward, t.ff_bias, 1);
  }
  if (t.norm_after && t.norm_before) {
    add_norm(nodes, t, "ffn.norm_after", rows, t.hidden);
  }
  add_sum(nodes, "ffn.residual", rows, t.hidden);
  if (t.norm_after && !t.norm_before) {
    add_norm(nodes, t, "ffn.norm_after", rows, t.hidden);
  }
}

void add_stack(NodeList& nodes, const Stack& s, const std::string& name, std::int64_t layers) {
  const Transformer& t = s.t;
  for (std::int64_t i = 0; i < layers; ++i) {
    nodes.enter(fmt::format("{}.{}", name, i));
    add_block(nodes, s, window_of(t, static_cast<std::size_t>(i)),
              t.experts > 0 && i >= t.dense_layers);
  }
}

/// `before` the names, for a decoder behind an encoder, whose table of tokens is the encoder's.
void add_embedding(NodeList& nodes, const Transformer& t, std::int64_t rows,
                   const std::string& before = "") {
  nodes.enter("");
  nodes.add(before + "embedding", "embedding",
            {{"mb", rows}, {"vocab", t.vocabulary}, {"dim", t.hidden}});
  nodes.parameters(before.empty() ? product(t.vocabulary, t.hidden) : 0);
  if (t.positions == Positions::learned) {
    nodes.add(before + "positions", "embedding",
              {{"mb", rows}, {"vocab", t.positions_stored}, {"dim", t.hidden}});
    nodes.parameters(product(t.positions_stored, t.hidden));
    add_sum(nodes, before + "positions.sum", rows, t.hidden);
  }
  if (t.token_types > 0) {
    nodes.add("types", "embedding", {{"mb", rows}, {"vocab", t.token_types}, {"dim", t.hidden}});
    nodes.parameters(product(t.token_types, t.hidden));
    add_sum(nodes, "types.sum", rows, t.hidden);
  }
  if (t.scaled_embedding) {
    nodes.add(before + "embedding.scale", "mul", fmt::format("{}x{}:1x1", rows, t.hidden));
  }
  if (t.embedding_norm) {
    add_norm(nodes, t, before + "embedding.norm", rows, t.hidden);
  }
}

void add_head(NodeList& nodes, const Transformer& t, std::int64_t batch, std::int64_t rows) {
  nodes.enter("");
  if (t.pooler) {
    nodes.linear("pooler", batch, t.hidden, t.hidden, true);
    add_unary(nodes, "pooler.tanh", "tanh", batch, t.hidden);
  }
  if (!t.head) {
    return;
  }
  nodes.linear("output", rows, t.hidden, t.vocabulary, t.head_bias);
  if (t.tied) {
    nodes.parameters(-product(t.vocabulary, t.hidden));
  }
  if (t.final_softcap > 0) {
    nodes.add("output.cap_in", "mul", fmt::format("{}x{}:1x1", rows, t.vocabulary));
    add_unary(nodes, "output.cap", "tanh", rows, t.vocabulary);
    nodes.add("output.cap_out", "mul", fmt::format("{}x{}:1x1", rows, t.vocabulary));
  }
}

void add_final_norm(NodeList& nodes, const Transformer& t, std::string_view name,
                    std::int64_t rows) {
  nodes.enter("");
  if (t.final_norm) {
    add_norm(nodes, t, name, rows, t.hidden);
  }
}

void require(std::int64_t value, std::string_view what) {
  if (value < 1) {
    bad_input("the model has no {}", what);
  }
  if (value > (std::int64_t{1} << 40)) {
    bad_input("{} of {}: more than any model has", what, value);
  }
}

void remark_on_experts(const Transformer& t, Model& model) {
  if (t.experts == 0) {
    return;
  }
  const std::int64_t matrices = is_gated(t.activation) ? 3 : 2;
  const std::int64_t idle =
      product(product(t.layers - t.dense_layers, t.experts - t.active_experts),
              product(matrices, product(t.hidden, t.expert_size)));
  model.remarks.push_back(
      fmt::format("{} of {} experts are active: {} of the parameters work on a token",
                  t.active_experts, t.experts, model.parameters - idle));
}

}  // namespace

std::string_view function_of(Activation a) {
  switch (a) {
    case Activation::swiglu:
    case Activation::silu:
      return "silu";
    case Activation::geglu:
    case Activation::gelu:
      return "gelu_erf";
    case Activation::geglu_tanh:
    case Activation::gelu_tanh:
      return "gelu_tanh";
    case Activation::relu:
      break;
  }
  return "relu";
}

bool is_gated(Activation a) {
  return a == Activation::swiglu || a == Activation::geglu || a == Activation::geglu_tanh;
}

Transformer completed(Transformer t) {
  require(t.hidden, "hidden size");
  require(t.layers, "layers");
  require(t.heads, "attention heads");
  require(t.vocabulary, "vocabulary");
  if (t.layers > 10'000 || t.decoder_layers > 10'000) {
    bad_input("{} layers: more than any model has", t.layers);
  }
  t.kv_heads = t.kv_heads > 0 ? t.kv_heads : t.heads;
  if (t.head_size == 0) {
    if (t.hidden % t.heads != 0) {
      bad_input("{} features cannot be divided into {} heads, and no head size is given", t.hidden,
                t.heads);
    }
    t.head_size = t.hidden / t.heads;
  }
  if (t.heads % t.kv_heads != 0) {
    bad_input("{} heads cannot share {} heads of keys", t.heads, t.kv_heads);
  }
  t.value_size = t.value_size > 0 ? t.value_size : t.head_size;
  t.rotary_size = t.rotary_size > 0 ? t.rotary_size : t.head_size;
  if (t.experts == 0 || t.dense_layers > 0) {
    require(t.feed_forward, "feed-forward size");
  }
  if (t.experts > 0) {
    require(t.expert_size, "feed-forward size of experts");
    require(t.active_experts, "experts that are active");
    if (t.active_experts > t.experts) {
      bad_input("{} of {} experts are active", t.active_experts, t.experts);
    }
  }
  if (t.positions == Positions::learned) {
    require(t.positions_stored, "number of positions");
  }
  return t;
}

std::int64_t window_of(const Transformer& t, std::size_t layer) {
  const bool windowed = t.windowed.empty() || (layer < t.windowed.size() && t.windowed[layer]);
  return windowed ? t.window : 0;
}

Model transformer_model(const Transformer& given, const Phase& phase) {
  const Transformer t = completed(given);
  NodeList nodes;
  const std::int64_t rows = product(phase.batch, phase.tokens);
  if (t.kind == Kind::encoder_decoder) {
    if (phase.past == 0) {
      add_embedding(nodes, t, rows);
      add_stack(nodes, {t, phase.batch, phase.tokens, 0, false}, "encoder", t.layers);
      add_final_norm(nodes, t, "encoder.norm", rows);
    } else {
      bad_input("a decoding step of an encoder and decoder is not supported: use --phase=prefill");
    }
    nodes.parameters(product(2, product(t.relative_buckets, t.heads)));
    add_embedding(nodes, t, rows, "decoder.");
    add_stack(nodes, {t, phase.batch, phase.tokens, phase.past, true, phase.tokens}, "decoder",
              t.decoder_layers > 0 ? t.decoder_layers : t.layers);
    add_final_norm(nodes, t, "decoder.norm", rows);
  } else {
    add_embedding(nodes, t, rows);
    add_stack(nodes, {t, phase.batch, phase.tokens, phase.past, t.kind == Kind::decoder}, "layers",
              t.layers);
    add_final_norm(nodes, t, "norm", rows);
  }
  add_head(nodes, t, phase.batch, rows);
  Model model = std::move(nodes).finish();
  remark_on_experts(t, model);
  if (t.sinks && !has_field("sdpa", "sink")) {
    model.remarks.emplace_back("the one term that a sink adds to each softmax is not counted");
  }
  if (t.positions == Positions::relative) {
    model.remarks.emplace_back("the sums of relative positions and scores are not counted");
  }
  if (t.head && phase.tokens > 1) {
    model.remarks.push_back(
        fmt::format("logits are counted for all {} tokens; a program that wants the last one alone "
                    "saves {} MACs",
                    rows, product(product(rows - phase.batch, t.hidden), t.vocabulary)));
  }
  model.activation_remark = "not known: a configuration has no order of tensors";
  return model;
}

Phase phase_of(const ModelOptions& options, Kind kind) {
  const std::string phase = options.phase.empty() ? "prefill" : options.phase;
  Phase result;
  result.batch = options.batch > 0 ? options.batch : 1;
  if (phase == "decode" && kind == Kind::decoder) {
    result.tokens = options.tokens > 0 ? options.tokens : 1;
    result.past = options.past;
  } else if (phase == "prefill") {
    result.tokens = options.tokens > 0 ? options.tokens : 512;
    result.past = options.past;
  } else {
    bad_input("--phase '{}': {}", phase,
              kind == Kind::decoder ? "prefill or decode" : "this model has prefill alone");
  }
  return result;
}

}  // namespace flopmeter::models
