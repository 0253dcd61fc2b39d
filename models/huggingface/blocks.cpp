#include "models/huggingface/blocks.h"

#include <algorithm>

#include "kernels/bad_input.h"

namespace flopmeter::huggingface {
namespace {

using models::Transformer;

void read_experts(const Settings& c, Transformer& t) {
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

/// Layers without experts: named, or all but every so many, counted from 1 (Qwen) or from 0 (DeepSeek).
void read_dense_layers(const Settings& c, Transformer& t) {
  const Json* named = find_key(c, {"mlp_only_layers"});
  const std::int64_t step = number(c, {"decoder_sparse_step"}, 1);
  const std::int64_t frequency = number(c, {"moe_layer_freq"}, 1);
  if (t.experts == 0) {
    return;
  }
  for (std::int64_t i = 0; i < t.layers && i < 100'000; ++i) {
    const bool is_named = lists(named, i);
    const bool between = step == 0 || (i + 1) % step != 0 || frequency == 0 || i % frequency != 0;
    t.dense.push_back(is_named || between);
  }
}

void read_latent(const Settings& c, Transformer& t) {
  t.kv_latent = number(c, {"kv_lora_rank"}, 0);
  if (t.kv_latent == 0) {
    return;
  }
  t.q_latent = number(c, {"q_lora_rank"}, 0);
  t.rope_size = number(c, {"qk_rope_head_dim"}, 0);
  t.head_size = number(c, {"qk_nope_head_dim"}, 0) + t.rope_size;
  t.value_size = number(c, {"v_head_dim"}, 0);
}

void check_layer_types(const Json* types, const std::string& family) {
  if (types == nullptr || !types->is_array()) {
    return;
  }
  for (const Json& type : *types) {
    const std::string name = type.is_string() ? type.get<std::string>() : type.dump();
    const bool chunked = name == "chunked_attention" && family == "llama4_text";
    const bool linear = name == "linear_attention" && family == "qwen3_next";
    if (name != "sliding_attention" && name != "full_attention" && !chunked && !linear) {
      bad_input("config.json: a layer of type '{}' is not counted", name.substr(0, 60));
    }
  }
}

/// Which layers see a window alone: by name, or every so many sees all.
void read_window(const Settings& c, const std::string& family, Transformer& t) {
  const Json* types = find_key(c, {"layer_types"});
  const std::int64_t window = number(c, {"sliding_window"}, 0);
  check_layer_types(types, family);
  if (!flag(c, {"use_sliding_window"}, true)) {
    return;
  }
  t.window = window;
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
    every = family == "gemma2" || family == "gpt_oss" ? 2
            : family == "gemma3_text"                 ? 6
            : family == "cohere2"                     ? 4
                                                      : 0;
  }
  const std::int64_t first_full = family == "qwen2" ? number(c, {"max_window_layers"}, 0) : 0;
  for (std::int64_t i = 0; i < t.layers && i < 100'000; ++i) {
    t.windowed.push_back(every > 0 ? (i + 1) % every != 0 : i >= first_full);
  }
}

void read_biases(const Settings& c, const std::string& family, Transformer& t) {
  if (family == "llama" || family == "qwen3" || family == "qwen3_moe" || family == "mistral" ||
      family == "deepseek_v2" || family == "deepseek_v3" || family == "kimi_k2" ||
      family == "olmo" || family == "olmo2" || family == "olmoe" || family == "granitemoe" ||
      family == "nemotron" || family == "phimoe" || family.starts_with("qwen3_vl") ||
      family.starts_with("gemma") || family == "gpt_oss") {
    t.q_bias = t.o_bias = flag(c, {"attention_bias"}, t.o_bias);
  }
  if (family == "phi3" || family.starts_with("qwen2")) {
    find_key(c, {"attention_bias"});  // whatever it says, the family has its own
  }
  if (family == "llama" || family == "nemotron") {
    t.ff_bias = flag(c, {"mlp_bias"}, false);
  }
  if (family == "starcoder2") {
    t.q_bias = t.o_bias = t.ff_bias = flag(c, {"use_bias"}, true);
  }
  if (family == "falcon") {
    t.q_bias = t.o_bias = t.ff_bias = flag(c, {"bias"}, false);
    t.parallel = flag(c, {"parallel_attn"}, true);
    const bool many = flag(c, {"new_decoder_architecture"}, false);
    find_key(c, {"multi_query"});  // of the old one alone
    t.norm_once = t.parallel && !(many && number(c, {"num_ln_in_parallel_attn"}, 2) == 2);
    if (!many) {
      t.kv_heads = flag(c, {"multi_query"}, true) ? 1 : t.heads;
    }
    if (flag(c, {"alibi"}, false)) {
      t.positions = models::Positions::relative;
    }
  }
}

}  // namespace

void read_blocks(const Settings& c, const std::string& family, Transformer& t) {
  read_experts(c, t);
  read_dense_layers(c, t);
  read_latent(c, t);
  read_window(c, family, t);
  read_biases(c, family, t);
}

}  // namespace flopmeter::huggingface
