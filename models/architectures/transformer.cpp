#include "models/architectures/transformer.h"

#include <fmt/format.h>

#include <algorithm>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/architectures/pieces.h"

namespace flopmeter::models {
namespace {

/// A factor a feature, and the sum with what went in.
void add_residual(NodeList& nodes, const Transformer& t, const std::string& name,
                  std::int64_t rows) {
  if (t.layer_scale) {
    nodes.add(name + ".layer_scale", "mul", fmt::format("{}x{}:1x{}", rows, t.hidden, t.hidden));
    nodes.parameters(t.hidden);
  }
  add_sum(nodes, name + ".residual", rows, t.hidden);
}

void add_block(NodeList& nodes, const Stack& s, std::int64_t layer) {
  const Transformer& t = s.t;
  const std::int64_t rows = s.rows();
  if (t.norm_before && (t.first_norm || layer > 0)) {
    add_norm(nodes, t, "attention.norm", rows, t.hidden);
  }
  if (is_recurrent(t, layer)) {
    add_recurrence(nodes, t.recurrence, s);
  } else {
    add_attention(nodes, s, window_of(t, static_cast<std::size_t>(layer)));
  }
  if (t.norm_after && t.norm_before) {
    add_norm(nodes, t, "attention.norm_after", rows, t.hidden);
  }
  add_residual(nodes, t, "attention", rows);
  if (t.norm_after && !t.norm_before) {
    add_norm(nodes, t, "attention.norm_after", rows, t.hidden);
  }
  if (s.memory > 0) {
    add_cross_attention(nodes, s);
  }
  if (t.norm_before && !t.norm_once) {
    add_norm(nodes, t, "ffn.norm", rows, t.hidden);
  }
  if (has_experts(t, layer)) {
    add_experts(nodes, t, rows);
  } else {
    add_feed_forward(nodes, t, "ffn.", rows, t.feed_forward, t.ff_bias, 1);
  }
  if (t.norm_after && t.norm_before) {
    add_norm(nodes, t, "ffn.norm_after", rows, t.hidden);
  }
  add_residual(nodes, t, "ffn", rows);
  if (t.norm_after && !t.norm_before) {
    add_norm(nodes, t, "ffn.norm_after", rows, t.hidden);
  }
}

void add_stack(NodeList& nodes, const Stack& s, const std::string& name, std::int64_t layers) {
  const Transformer& t = s.t;
  for (std::int64_t i = 0; i < layers; ++i) {
    nodes.enter(fmt::format("{}.{}", name, i));
    nodes.share_weights(t.stored_layers > 0 && i >= t.stored_layers);
    add_block(nodes, s, i);
  }
  nodes.share_weights(false);
}

/// Of relative positions, apart from what they are added to.
void add_relative_tables(NodeList& nodes, const Transformer& t, std::int64_t layers) {
  nodes.parameters(
      product(product(t.relative_buckets, t.heads), t.relative_each_layer ? layers : 1));
  if (t.disentangled.rows > 0) {
    nodes.enter("");
    nodes.parameters(product(t.disentangled.rows, t.hidden));
    if (t.disentangled.normed) {
      add_norm(nodes, t, "relative.norm", t.disentangled.rows, t.hidden);
    }
  }
}

void add_head(NodeList& nodes, const Transformer& t, std::int64_t batch, std::int64_t rows) {
  nodes.enter("");
  if (t.pooler) {
    nodes.linear("pooler", batch, t.hidden, t.hidden, true);
    add_unary(nodes, "pooler.tanh", "tanh", batch, t.hidden);
  }
  if (t.projection > 0) {
    nodes.linear("projection", batch, t.hidden, t.projection, false);
  }
  if (t.classes > 0) {
    nodes.linear("classifier", batch, t.hidden, t.classes, true);
  }
  if (!t.head) {
    return;
  }
  std::int64_t size = t.hidden;
  if (t.projected_output) {
    size = t.embedding_size;
    nodes.linear("output.projection", rows, t.hidden, size, false);
  }
  nodes.linear("output", rows, size, t.vocabulary, t.head_bias);
  if (t.tied) {
    nodes.parameters(-product(t.vocabulary, size));
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
  std::int64_t mixed = 0;
  for (std::int64_t i = 0; i < t.layers; ++i) {
    mixed += has_experts(t, i) ? 1 : 0;
  }
  const std::int64_t idle = product(product(mixed, t.experts - t.active_experts),
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
    case Activation::quick_gelu:
      return "quick_gelu";
    case Activation::relu:
    case Activation::relu_squared:
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
  if (reads_tokens(t)) {
    require(t.vocabulary, "vocabulary");
  } else if (t.patches.patch > t.patches.height || t.patches.patch > t.patches.width) {
    bad_input("squares of {} pixels in an image of {} x {}", t.patches.patch, t.patches.height,
              t.patches.width);
  }
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
  if (t.experts == 0 || t.dense_layers > 0 || std::ranges::count(t.dense, true) > 0) {
    require(t.feed_forward, "feed-forward size");
  }
  if (t.experts > 0) {
    require(t.expert_size, "feed-forward size of experts");
    require(t.active_experts, "experts that are active");
    if (t.active_experts > t.experts) {
      bad_input("{} of {} experts are active", t.active_experts, t.experts);
    }
  }
  if (std::ranges::count(t.recurrent, true) > 0) {
    check_recurrence(t.recurrence);
  }
  if (t.positions == Positions::learned && reads_tokens(t)) {
    require(t.positions_stored, "number of positions");
  }
  return t;
}

bool is_recurrent(const Transformer& t, std::int64_t layer) {
  const auto at = static_cast<std::size_t>(layer);
  return at < t.recurrent.size() && t.recurrent[at];
}

bool has_experts(const Transformer& t, std::int64_t layer) {
  const auto at = static_cast<std::size_t>(layer);
  return t.experts > 0 && layer >= t.dense_layers && (at >= t.dense.size() || !t.dense[at]);
}

std::int64_t window_of(const Transformer& t, std::size_t layer) {
  const bool windowed = t.windowed.empty() || (layer < t.windowed.size() && t.windowed[layer]);
  return windowed ? t.window : 0;
}

namespace {

/// Positions that are stored are all that there are.
void remark_on_positions(const Transformer& t, const Phase& phase, Model& model) {
  const std::int64_t last = checked_add(phase.past, phase.tokens);
  if (t.positions == Positions::learned && reads_tokens(t) && last > t.positions_stored) {
    model.remarks.push_back(
        fmt::format("the model has {} positions: {} tokens cannot run, and are counted none the "
                    "less (--tokens)",
                    t.positions_stored, last));
  }
}

void add_both(NodeList& nodes, const Transformer& t, const Phase& phase) {
  if (phase.past > 0) {
    bad_input("a decoding step of an encoder and decoder is not supported: use --phase=prefill");
  }
  const std::int64_t source = t.spectrum.frames > 0 ? t.spectrum.frames : phase.tokens;
  add_embedding(nodes, t, phase.batch, source);
  add_stack(nodes, {t, phase.batch, source, 0, false}, "encoder", t.layers);
  add_final_norm(nodes, t, "encoder.norm", product(phase.batch, source));
  const std::int64_t layers = t.decoder_layers > 0 ? t.decoder_layers : t.layers;
  add_relative_tables(nodes, t, t.layers);
  add_relative_tables(nodes, t, layers);
  if (t.spectrum.frames > 0) {
    nodes.parameters(product(t.vocabulary, t.hidden));  // no encoder has looked it up
  }
  add_embedding(nodes, t, phase.batch, phase.tokens, "decoder.");
  add_stack(nodes, {t, phase.batch, phase.tokens, phase.past, true, source}, "decoder", layers);
  add_final_norm(nodes, t, "decoder.norm", product(phase.batch, phase.tokens));
}

}  // namespace

Model transformer_model(const Transformer& given, const Phase& asked) {
  const Transformer t = completed(given);
  Phase phase = asked;
  if (t.patches.patch > 0) {
    phase.tokens = checked_add(t.patches.count(), t.patches.extra);
  }
  NodeList nodes;
  const std::int64_t rows = product(phase.batch, phase.tokens);
  if (t.kind == Kind::encoder_decoder) {
    add_both(nodes, t, phase);
  } else {
    add_embedding(nodes, t, phase.batch, phase.tokens);
    add_relative_tables(nodes, t, t.layers);
    add_stack(nodes, {t, phase.batch, phase.tokens, phase.past, t.kind == Kind::decoder}, "layers",
              t.layers);
    add_final_norm(nodes, t, "norm", t.norm_first_token ? phase.batch : rows);
  }
  add_head(nodes, t, phase.batch, rows);
  Model model = std::move(nodes).finish();
  remark_on_experts(t, model);
  remark_on_positions(t, phase, model);
  if (t.sinks && !has_field("sdpa", "sink")) {
    model.remarks.emplace_back("the one term that a sink adds to each softmax is not counted");
  }
  if (t.positions == Positions::relative || t.relative_buckets > 0) {
    model.remarks.emplace_back("the sums of relative positions and scores are not counted");
  }
  if (std::ranges::count(t.recurrent, true) > 0) {
    model.remarks.emplace_back(recurrence_remark);
  }
  if (t.head && phase.tokens > 1 && t.kind != Kind::encoder) {
    model.remarks.push_back(
        fmt::format("logits are counted for all {} tokens; a program that wants the last one alone "
                    "saves {} MACs",
                    rows, product(product(rows - phase.batch, t.hidden), t.vocabulary)));
  }
  model.activation_remark = "not known: a configuration has no order of tensors";
  return model;
}

Phase phase_of(const ModelOptions& options, const Transformer& t) {
  const std::string phase = options.phase.empty() ? "prefill" : options.phase;
  Phase result;
  result.batch = options.batch > 0 ? options.batch : 1;
  if (phase == "decode" && t.kind == Kind::decoder) {
    result.tokens = options.tokens > 0 ? options.tokens : 1;
    result.past = options.past;
  } else if (phase == "prefill") {
    const bool few = t.positions == Positions::learned && t.positions_stored > 0;
    result.tokens = options.tokens > 0 ? options.tokens
                    : few              ? std::min<std::int64_t>(512, t.positions_stored)
                                       : 512;
    result.past = options.past;
  } else {
    bad_input("--phase '{}': {}", phase,
              t.kind == Kind::decoder ? "prefill or decode" : "this model has prefill alone");
  }
  return result;
}

}  // namespace flopmeter::models
