#include "models/huggingface/config.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/architectures/family.h"
#include "models/huggingface/keys.h"
#include "models/huggingface/particulars.h"
#include "models/huggingface/safetensors.h"

namespace flopmeter::huggingface {
namespace {

using models::Activation;
using models::Transformer;

void read_sizes(const Json& c, Transformer& t) {
  t.hidden = number(c, {"hidden_size", "n_embd", "n_embed", "d_model", "dim"}, 0);
  t.layers =
      number(c, {"num_hidden_layers", "n_layer", "num_layers", "n_layers", "encoder_layers"}, 0);
  t.decoder_layers = number(c, {"num_decoder_layers", "decoder_layers"}, 0);
  t.heads = number(
      c, {"num_attention_heads", "n_head", "num_heads", "n_heads", "encoder_attention_heads"}, 0);
  t.kv_heads = number(c, {"num_key_value_heads", "num_kv_heads", "n_head_kv"}, 0);
  t.head_size = number(c, {"head_dim", "d_kv"}, 0);
  t.vocabulary = number(c, {"vocab_size"}, 0);
  t.positions_stored =
      number(c, {"max_position_embeddings", "n_positions", "n_ctx", "max_seq_len"}, 0);
  t.token_types = t.kind == models::Kind::encoder ? number(c, {"type_vocab_size"}, 0) : 0;
  t.feed_forward = number(c,
                          {"intermediate_size", "n_inner", "d_ff", "ffn_dim", "hidden_dim",
                           "ffn_hidden_size", "encoder_ffn_dim"},
                          t.hidden > (std::int64_t{1} << 40) ? 0 : 4 * t.hidden);
  t.relative_buckets = number(c, {"relative_attention_num_buckets"}, 0);
}

/// Names of activations; a gate comes with the family or, of T5, with the name.
void read_activation(const Json& c, Transformer& t) {
  const std::string name = text(c, {"hidden_act", "hidden_activation", "activation_function",
                                    "feed_forward_proj", "activation"});
  const bool gate = t.activation == Activation::swiglu || t.activation == Activation::geglu_tanh ||
                    name.starts_with("gated");
  const auto ends = [&](std::string_view end) { return name.find(end) != std::string::npos; };
  if (name.empty()) {
    return;
  }
  if (ends("silu") || ends("swish")) {
    t.activation = gate ? Activation::swiglu : Activation::silu;
  } else if (ends("tanh") || ends("gelu_new") || ends("gelu_fast") || name == "gated-gelu") {
    t.activation = gate ? Activation::geglu_tanh : Activation::gelu_tanh;
  } else if (ends("gelu")) {
    t.activation = gate ? Activation::geglu : Activation::gelu;
  } else if (ends("relu")) {
    t.activation = Activation::relu;
  } else {
    bad_input("config.json: the activation '{}' is not known", name);
  }
}

void read_experts(const Json& c, Transformer& t) {
  t.experts = number(c, {"num_local_experts", "num_experts", "n_routed_experts"}, 0);
  if (t.experts == 0) {
    return;
  }
  t.active_experts =
      number(c, {"num_experts_per_tok", "experts_per_token", "num_experts_per_token"}, 0);
  t.expert_size = number(c, {"moe_intermediate_size"}, t.feed_forward);
  t.dense_layers = number(c, {"first_k_dense_replace"}, 0);
  t.shared_size = number(c, {"shared_expert_intermediate_size"}, 0);
  if (const std::int64_t shared = number(c, {"n_shared_experts"}, 0); shared > 0) {
    t.shared_size = shared * t.expert_size;
  }
}

void read_latent(const Json& c, Transformer& t) {
  t.kv_latent = number(c, {"kv_lora_rank"}, 0);
  if (t.kv_latent == 0) {
    return;
  }
  t.q_latent = number(c, {"q_lora_rank"}, 0);
  t.rope_size = number(c, {"qk_rope_head_dim"}, 0);
  t.head_size = number(c, {"qk_nope_head_dim"}, 0) + t.rope_size;
  t.value_size = number(c, {"v_head_dim"}, 0);
}

/// Which layers see a window alone: by name, or every so many sees all.
void read_window(const Json& c, const std::string& family, Transformer& t) {
  if (c.contains("use_sliding_window") && !flag(c, {"use_sliding_window"}, false)) {
    return;
  }
  t.window = number(c, {"sliding_window"}, 0);
  const Json* types = find_key(c, {"layer_types"});
  if (t.window == 0) {
    return;
  }
  if (types != nullptr && types->is_array()) {
    for (const Json& type : *types) {
      t.windowed.push_back(type.is_string() && type.get<std::string>() == "sliding_attention");
    }
    return;
  }
  std::int64_t every = number(c, {"sliding_window_pattern"}, 0);
  if (every == 0) {
    every = family == "gemma2" || family == "gpt_oss" ? 2 : family == "gemma3_text" ? 6 : 0;
  }
  const std::int64_t first_full = family == "qwen2" ? number(c, {"max_window_layers"}, 0) : 0;
  for (std::int64_t i = 0; i < t.layers && i < 100'000; ++i) {
    t.windowed.push_back(every > 0 ? (i + 1) % every != 0 : i >= first_full);
  }
}

void read_biases(const Json& c, const std::string& family, Transformer& t) {
  if (family == "llama" || family == "qwen3" || family == "qwen3_moe" || family == "mistral" ||
      family == "deepseek_v2" || family == "deepseek_v3") {
    t.q_bias = t.o_bias = flag(c, {"attention_bias"}, false);
  }
  if (family == "llama") {
    t.ff_bias = flag(c, {"mlp_bias"}, false);
  }
  if (family == "starcoder2") {
    t.q_bias = t.o_bias = t.ff_bias = flag(c, {"use_bias"}, true);
  }
  if (family == "falcon") {
    t.q_bias = t.o_bias = t.ff_bias = flag(c, {"bias"}, false);
    t.parallel = flag(c, {"parallel_attn"}, true);
    const bool many = flag(c, {"new_decoder_architecture"}, false);
    t.norm_once = t.parallel && !(many && number(c, {"num_ln_in_parallel_attn"}, 2) == 2);
    if (!many) {
      t.kv_heads = flag(c, {"multi_query"}, true) ? 1 : t.heads;
    }
    if (flag(c, {"alibi"}, false)) {
      t.positions = models::Positions::relative;
    }
  }
}

/// What the files hold besides what is counted, or lack of it: buffers, further heads, packed weights.
void add_difference(const StoredWeights& stored, models::Model& model) {
  std::int64_t elements = 0;
  for (const models::WeightType& type : stored.types) {
    elements = checked_add(elements, type.elements);
  }
  if (elements != model.parameters) {
    model.remarks.push_back(fmt::format(
        "the files of weights hold {} numbers, {} config.json makes parameters: "
        "packed weights, buffers, or layers that it does not tell of",
        elements,
        elements > model.parameters ? fmt::format("{} more than", elements - model.parameters)
                                    : fmt::format("{} fewer than", model.parameters - elements)));
  }
}

}  // namespace

Config read_config(std::string_view json) {
  Json c = Json::parse(json, nullptr, false);
  if (c.is_discarded() || !c.is_object()) {
    bad_input("config.json is not a JSON object");
  }
  bool left_out = false;
  // Models of several kinds of input keep the language model's settings in a part of their own.
  if (const auto inner = c.find("text_config"); inner != c.end() && inner->is_object()) {
    Json part = *inner;
    for (const char* key : {"torch_dtype", "dtype", "quantization_config", "tie_word_embeddings"}) {
      if (!part.contains(key) && c.contains(key)) {
        part[key] = c[key];
      }
    }
    left_out = true;
    c = std::move(part);
  }
  const std::string family = text(c, {"model_type"});
  Config config;
  Transformer& t = config.transformer;
  models::huggingface_family(family).shape(t);
  read_sizes(c, t);
  read_activation(c, t);
  read_experts(c, t);
  read_latent(c, t);
  read_window(c, family, t);
  read_biases(c, family, t);
  read_particulars(c, family, config);
  if (left_out) {
    config.remarks.emplace_back(
        "the language model (text_config) alone is counted: what reads images or sound is left "
        "out");
  }
  t.tied = flag(c, {"tie_word_embeddings"}, t.tied || t.kind == models::Kind::encoder);
  t.softcap = real(c, "attn_logit_softcapping");
  t.final_softcap = real(c, "final_logit_softcapping");
  for (const char* key : {"partial_rotary_factor", "rotary_pct"}) {
    if (const double part = real(c, key); part > 0 && part < 1 && t.heads > 0) {
      const std::int64_t size = t.head_size > 0 ? t.head_size : t.hidden / t.heads;
      t.rotary_size = static_cast<std::int64_t>(part * static_cast<double>(size));
    }
  }
  for (const char* key : {"rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon"}) {
    config.epsilon = real(c, key) > 0 ? real(c, key) : config.epsilon;
  }
  config.rotary_base = real(c, "rope_theta") > 0 ? real(c, "rope_theta") : config.rotary_base;
  if (const Json* rotary = find_key(c, {"rope_scaling", "rope_parameters"});
      rotary != nullptr && rotary->is_object()) {
    config.rotary_scaling = text(*rotary, {"rope_type", "type"});
    config.rotary_base =
        real(*rotary, "rope_theta") > 0 ? real(*rotary, "rope_theta") : config.rotary_base;
  }
  if (family == "gemma3_text") {
    config.rotary_scaling = "another base in layers with a window";
  }
  config.dtype = text(c, {"torch_dtype", "dtype"});
  config.format =
      fmt::format("config.json of {}{}{}", family, config.dtype.empty() ? "" : ", ", config.dtype);
  if (const Json* quantized = find_key(c, {"quantization_config"}); quantized != nullptr) {
    config.remarks.push_back(
        fmt::format("weights are quantised ({}): the operations that unpack them are not counted",
                    quantized->is_object() ? text(*quantized, {"quant_method"}) : ""));
  }
  t = models::completed(std::move(t));
  return config;
}

models::LanguageModel read_language(std::string_view json) {
  const Config config = read_config(json);
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> names{
      {{"float32", "f32"}, {"bfloat16", "bf16"}, {"float16", "f16"}}};
  models::LanguageModel model;
  model.format = config.format;
  model.transformer = config.transformer;
  model.epsilon = config.epsilon;
  model.rotary_base = config.rotary_base;
  for (const auto& [name, format] : names) {
    model.dtype = config.dtype == name ? format : model.dtype;
  }
  model.remarks = config.remarks;
  model.remarks.emplace_back("a config.json has no weights: they are drawn");
  models::add_rotary_remark(config.rotary_scaling, model);
  return model;
}

models::Model read(std::string_view json, const std::string& folder,
                   const models::ModelOptions& options) {
  const Config config = read_config(json);
  models::Model model = models::transformer_model(
      config.transformer, models::phase_of(options, config.transformer.kind));
  model.format = config.format;
  model.remarks.insert(model.remarks.begin(), config.remarks.begin(), config.remarks.end());
  StoredWeights stored = stored_weights(folder);
  if (!stored.types.empty()) {
    add_difference(stored, model);
    model.weights = std::move(stored.types);
    return model;
  }
  if (!stored.remark.empty()) {
    model.remarks.push_back(std::move(stored.remark));
  }
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> types{
      {{"float32", 32}, {"bfloat16", 16}, {"float16", 16}}};
  for (const auto& [name, bits] : types) {
    if (config.dtype == name) {
      model.weights.push_back({std::string(name), model.parameters, bits});
    }
  }
  return model;
}

}  // namespace flopmeter::huggingface
