#include "models/huggingface/config.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"
#include "models/architectures/family.h"
#include "models/huggingface/blocks.h"
#include "models/huggingface/keys.h"
#include "models/huggingface/other_models.h"
#include "models/huggingface/particulars.h"
#include "models/huggingface/safetensors.h"

namespace flopmeter::huggingface {
namespace {

using models::Activation;
using models::Transformer;

/// Where a file leaves one out it is the family's own, of which few have one.
void read_sizes(const Settings& c, Transformer& t) {
  t.hidden = number(c, {"hidden_size", "n_embd", "n_embed", "d_model", "dim"}, t.hidden);
  t.layers = number(c, {"num_hidden_layers", "n_layer", "num_layers", "n_layers", "encoder_layers"},
                    t.layers);
  t.decoder_layers = number(c, {"num_decoder_layers", "decoder_layers"}, 0);
  t.heads = number(
      c, {"num_attention_heads", "n_head", "num_heads", "n_heads", "encoder_attention_heads"},
      t.heads);
  t.kv_heads = number(c, {"num_key_value_heads", "num_kv_heads", "n_head_kv"}, 0);
  t.head_size = number(c, {"head_dim", "d_kv"}, 0);
  t.vocabulary = number(c, {"vocab_size"}, t.vocabulary);
  t.positions_stored = number(c, {"max_position_embeddings", "n_positions", "n_ctx", "max_seq_len"},
                              t.positions_stored);
  t.token_types = t.kind == models::Kind::encoder ? number(c, {"type_vocab_size"}, 0) : 0;
  const std::int64_t usual = t.feed_forward > 0                   ? t.feed_forward
                             : t.hidden > (std::int64_t{1} << 40) ? 0
                                                                  : 4 * t.hidden;
  t.feed_forward = number(c,
                          {"intermediate_size", "n_inner", "d_ff", "ffn_dim", "hidden_dim",
                           "ffn_hidden_size", "encoder_ffn_dim"},
                          usual);
  t.relative_buckets = number(c, {"relative_attention_num_buckets"}, 0);
}

/// Names of activations; a gate comes with the family or, of T5, with the name.
void read_activation(const Settings& c, Transformer& t) {
  const std::string name = text(c, {"hidden_act", "hidden_activation", "activation_function",
                                    "feed_forward_proj", "activation"});
  const bool gate = models::is_gated(t.activation) || name.starts_with("gated");
  const auto ends = [&](std::string_view end) { return name.find(end) != std::string::npos; };
  if (name.empty()) {
    return;
  }
  if (ends("silu") || ends("swish")) {
    t.activation = gate ? Activation::swiglu : Activation::silu;
  } else if (ends("quick_gelu")) {
    t.activation = Activation::quick_gelu;
  } else if (ends("tanh") || ends("gelu_new") || ends("gelu_fast") || name == "gated-gelu") {
    t.activation = gate ? Activation::geglu_tanh : Activation::gelu_tanh;
  } else if (ends("gelu")) {
    t.activation = gate ? Activation::geglu : Activation::gelu;
  } else if (ends("relu2")) {
    t.activation = Activation::relu_squared;
  } else if (ends("relu")) {
    t.activation = Activation::relu;
  } else {
    bad_input("config.json: the activation '{}' is not known", name);
  }
}

void read_rotary(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  const Json* rotary = find_key(c, {"rope_parameters", "rope_scaling"});
  const bool there = rotary != nullptr && rotary->is_object();
  double part = 0;
  for (const char* key : {"partial_rotary_factor", "rotary_pct"}) {
    part = real(c, key) > 0 ? real(c, key) : part;
  }
  if (there && part == 0) {
    part = real(*rotary, "partial_rotary_factor");
  }
  if (part > 0 && part < 1 && t.heads > 0) {
    const std::int64_t size = t.head_size > 0 ? t.head_size : t.hidden / t.heads;
    t.rotary_size = static_cast<std::int64_t>(part * static_cast<double>(size));
  }
  config.rotary_base = real(c, "rope_theta") > 0 ? real(c, "rope_theta") : config.rotary_base;
  if (there) {
    config.rotary_scaling = text(*rotary, {"rope_type", "type"});
    config.rotary_base =
        real(*rotary, "rope_theta") > 0 ? real(*rotary, "rope_theta") : config.rotary_base;
  }
}

/// The class that the weights are of may have another end than what is counted.
void remark_on_head(const Settings& c, Config& config) {
  const Json* classes = find_key(c, {"architectures"});
  if (classes == nullptr || !classes->is_array() || classes->empty() ||
      !classes->front().is_string()) {
    return;
  }
  const std::string name = classes->front().get<std::string>();
  const Transformer& t = config.transformer;
  const auto ends = [&](std::string_view end) { return name.ends_with(end); };
  const bool logits = ends("ForCausalLM") || ends("LMHeadModel") ||
                      ends("ForConditionalGeneration") || ends("MTModel") ||
                      ends("ForSpeechSeq2Seq") || ends("ForCTC");
  const bool plain = ends("Model") && !logits;
  if (t.head ? logits : plain || (t.classes > 0 && ends("ForImageClassification"))) {
    return;
  }
  config.remarks.push_back(fmt::format(
      "the weights are of {}: counted are its layers {}, not what that class has in their place",
      name.substr(0, 100),
      t.head     ? "and the logits of all tokens"
      : t.pooler ? "and its pooler"
                 : "alone"));
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

Config read_config(std::string_view json) { return config_of(parsed(json)); }

Json parsed(std::string_view json) {
  Json c = Json::parse(json, nullptr, false);
  if (c.is_discarded() || !c.is_object()) {
    bad_input("config.json is not a JSON object");
  }
  return c;
}

Config config_of(const Json& whole) {
  Json object = whole;
  // Models of several kinds of input have the language model's settings in a part of their own, or beside others'.
  bool left_out = object.contains("vision_config") || object.contains("audio_config");
  if (const auto inner = object.find("text_config"); inner != object.end() && inner->is_object()) {
    Json part = *inner;
    for (const char* key : {"torch_dtype", "dtype", "quantization_config", "tie_word_embeddings"}) {
      if (!part.contains(key) && object.contains(key)) {
        part[key] = object[key];
      }
    }
    left_out = true;
    object = std::move(part);
  }
  const Settings c(object);
  const std::string family = text(c, {"model_type"});
  if (family.empty()) {
    bad_input("config.json has no model_type{}",
              object.contains("_class_name") ? ": it is of a part of a diffusion model, which is "
                                               "not counted"
              : object.contains("peft_type") ? ": it is of an adapter; give that of its base model"
                                             : "");
  }
  Config config;
  Transformer& t = config.transformer;
  models::huggingface_family(family).shape(t);
  read_sizes(c, t);
  read_activation(c, t);
  read_blocks(c, family, t);
  read_particulars(c, family, config);
  if (left_out) {
    config.remarks.emplace_back(
        "the language model (text_config) alone is counted: what reads images or sound is left "
        "out");
  }
  t.tied = flag(c, {"tie_word_embeddings"}, t.tied || t.kind == models::Kind::encoder) &&
           t.waveform.convolutions.empty();  // whose classes are no tokens that it reads
  t.softcap = real(c, "attn_logit_softcapping");
  t.final_softcap = real(c, "final_logit_softcapping");
  read_rotary(c, config);
  if (family == "gemma3_text") {
    config.rotary_scaling = "another base in layers with a window";
  }
  for (const char* key : {"rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon"}) {
    config.epsilon = real(c, key) > 0 ? real(c, key) : config.epsilon;
  }
  config.dtype = text(c, {"torch_dtype", "dtype"});
  config.format =
      fmt::format("config.json of {}{}{}", family, config.dtype.empty() ? "" : ", ", config.dtype);
  if (const Json* quantized = find_key(c, {"quantization_config"}); quantized != nullptr) {
    config.remarks.push_back(
        fmt::format("weights are quantised ({}): the operations that unpack them are not counted",
                    quantized->is_object() ? text(*quantized, {"quant_method"}) : ""));
  }
  remark_on_head(c, config);
  if (const std::vector<std::string> unread = c.unread(); !unread.empty()) {
    config.remarks.push_back(
        fmt::format("settings that are not understood, and what they may change is not counted: {}",
                    fmt::join(unread, ", ")));
  }
  t = models::completed(std::move(t));
  return config;
}

Counted read_transformer(const Json& object, const models::ModelOptions& options) {
  const Config config = config_of(object);
  Counted counted{
      models::transformer_model(config.transformer, models::phase_of(options, config.transformer)),
      config.dtype};
  counted.model.format = config.format;
  counted.model.remarks.insert(counted.model.remarks.begin(), config.remarks.begin(),
                               config.remarks.end());
  return counted;
}

models::LanguageModel read_language(std::string_view json) {
  const Json object = parsed(json);
  if (is_other(object)) {
    bad_input("{} does not run: it is counted without --time", text(object, {"model_type"}));
  }
  const Config config = config_of(object);
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
  const Json object = parsed(json);
  std::optional<Counted> other = read_other(object, options);
  Counted counted = other ? std::move(*other) : read_transformer(object, options);
  models::Model& model = counted.model;
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
    if (counted.dtype == name) {
      model.weights.push_back({std::string(name), model.parameters, bits});
    }
  }
  return model;
}

}  // namespace flopmeter::huggingface
