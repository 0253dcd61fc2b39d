#include "models/huggingface/particulars.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kernels/bad_input.h"

namespace flopmeter::huggingface {
namespace {

using models::Transformer;

/// Tables of positions begin behind two that are not used.
void opt(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.positions_stored += 2;
  t.q_bias = t.o_bias = t.ff_bias = flag(c, {"enable_bias"}, true);
  if (const std::int64_t size = number(c, {"word_embed_proj_dim"}, t.hidden); size != t.hidden) {
    t.embedding_size = size;
    t.projected_output = true;
  }
  t.norm_before = flag(c, {"do_layer_norm_before"}, true);
  t.norm_after = !t.norm_before;
  t.final_norm = t.norm_before && !flag(c, {"_remove_final_layer_norm"}, false);
  refuse(!flag(c, {"layer_norm_elementwise_affine"}, true), "norms without a scale");
}

void glm4_moe(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.q_bias = flag(c, {"attention_bias"}, false);
  t.qk_norm = flag(c, {"use_qk_norm"}, false);
}

/// Experts in every so many layers, beside one that all tokens go through; other layers have a size of their own.
void llama4(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.q_bias = t.o_bias = flag(c, {"attention_bias"}, false);
  t.shared_size = t.expert_size;
  t.feed_forward = number(c, {"intermediate_size_mlp"}, t.feed_forward);
  const Json* named = find_key(c, {"moe_layers"});
  const std::int64_t step = number(c, {"interleave_moe_layer_step"}, 1);
  t.dense.clear();
  for (std::int64_t i = 0; i < t.layers && i < 100'000; ++i) {
    t.dense.push_back(named != nullptr ? !lists(named, i) : step == 0 || (i + 1) % step != 0);
  }
  find_key(c, {"no_rope_layers", "use_qk_norm", "attention_chunk_size", "attn_temperature_tuning",
               "attn_scale", "floor_scale", "layer_types"});
  config.remarks.push_back(fmt::format(
      "queries and keys are not scaled to length 1 in what is counted, all layers turn them, and "
      "attention is not cut into chunks of {} tokens",
      number(c, {"attention_chunk_size"}, 8192)));
}

void phimoe(const Settings& c, Config& config) {
  config.transformer.head_bias = flag(c, {"lm_head_bias"}, false);
}

void seed_oss(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.q_bias = flag(c, {"attention_bias"}, true);
  t.o_bias = flag(c, {"attention_out_bias"}, false);
  t.ff_bias = flag(c, {"mlp_bias"}, false);
}

void ernie(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.q_bias = t.o_bias = t.ff_bias = flag(c, {"use_bias"}, false);
}

void clipped(const Settings& c, Config& config) {
  if (real(c, "clip_qkv") > 0) {
    config.remarks.emplace_back(
        "the clipping of queries, keys and values (clip_qkv) is not counted");
  }
}

void phi(const Settings& c, Config&) {
  refuse(flag(c, {"qk_layernorm"}, false), "a norm of queries and keys");
}

/// Blocks one behind the other have the same nodes as those side by side.
void gpt_neox(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.parallel = flag(c, {"use_parallel_residual"}, true);
  t.q_bias = t.o_bias = flag(c, {"attention_bias"}, true);
}

void gpt_neo(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.window = number(c, {"window_size"}, 256);
  const Json* layers = find_key(c, {"attention_layers"});
  for (std::int64_t i = 0; i < t.layers && i < 100'000; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const bool given = layers != nullptr && layers->is_array() && at < layers->size();
    t.windowed.push_back(given ? (*layers)[at] == "local" : i % 2 == 1);
  }
}

void gptj(const Settings& c, Config& config) {
  config.transformer.rotary_size = number(c, {"rotary_dim"}, 64);
}

void gpt_bigcode(const Settings& c, Config& config) {
  check_plain(c, config);
  config.transformer.kv_heads = flag(c, {"multi_query"}, true) ? 1 : config.transformer.heads;
}

void mpt(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  const Json* ratio = find_key(c, {"expansion_ratio"});
  t.feed_forward =
      ratio != nullptr && ratio->is_number()
          ? static_cast<std::int64_t>(ratio->get<double>() * static_cast<double>(t.hidden))
          : t.feed_forward;
  t.norm_bias = t.q_bias = t.o_bias = t.ff_bias = !flag(c, {"no_bias"}, true);
  const Json* attention = find_key(c, {"attn_config"});
  const bool there = attention != nullptr && attention->is_object();
  if (there && !flag(*attention, {"alibi"}, false)) {
    t.positions = models::Positions::learned;
  }
  refuse(there && flag(*attention, {"qk_ln"}, false), "a norm of queries and keys");
  t.kv_heads = there ? number(*attention, {"kv_n_heads"}, t.heads) : t.heads;
}

void stablelm(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.q_bias = flag(c, {"use_qkv_bias"}, false);
  t.parallel = t.norm_once = flag(c, {"use_parallel_residual"}, false);
  refuse(flag(c, {"qk_layernorm"}, false), "a norm of queries and keys");
}

void cohere(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.q_bias = t.o_bias = flag(c, {"attention_bias"}, false);
  refuse(flag(c, {"use_qk_norm"}, false), "a norm of queries and keys");
  for (const char* always :
       {"use_gated_activation", "use_parallel_block", "use_embedding_sharing"}) {
    refuse(!flag(c, {always}, true), fmt::format("{} false", always));
  }
  find_key(c, {"position_embedding_type", "use_parallel_embedding"});
  if (t.window > 0) {
    config.remarks.emplace_back(
        "layers without a window turn no queries and keys: their rotary embedding is counted none "
        "the less");
  }
  config.remarks.emplace_back("the products of logits with logit_scale are not counted");
}

void glm(const Settings& c, Config& config) {
  config.transformer.q_bias = flag(c, {"attention_bias"}, false);
}

void granite(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.q_bias = t.o_bias = flag(c, {"attention_bias"}, false);
  t.ff_bias = flag(c, {"mlp_bias"}, false);
  config.remarks.emplace_back(
      "the products with embedding_multiplier, residual_multiplier and logits_scaling are not "
      "counted");
}

void smollm3(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.q_bias = t.o_bias = flag(c, {"attention_bias"}, false);
  t.ff_bias = flag(c, {"mlp_bias"}, false);
  const Json* rotary = find_key(c, {"no_rope_layers"});
  const auto without = rotary != nullptr && rotary->is_array()
                           ? std::ranges::count(*rotary, Json(0))
                           : t.layers / number(c, {"no_rope_layer_interval"}, 4);
  config.remarks.push_back(fmt::format(
      "{} of {} layers turn no queries and keys: their rotary embedding is counted none the less",
      without, t.layers));
}

void internlm2(const Settings& c, Config& config) {
  config.transformer.q_bias = config.transformer.o_bias = flag(c, {"bias"}, false);
}

/// Files of the larger models leave out what is as in the one of 4B.
void gemma3(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.heads = number(c, {"num_attention_heads"}, 8);
  t.kv_heads = number(c, {"num_key_value_heads"}, 4);
  t.head_size = number(c, {"head_dim"}, 256);
  t.vocabulary = number(c, {"vocab_size"}, 262'208);
}

/// Every so many layers, of which one is apart, counted from `offset`.
std::vector<bool> every(const Transformer& t, std::int64_t period, std::int64_t offset) {
  refuse(period < 1, "a period of no layers");
  std::vector<bool> layers;
  for (std::int64_t i = 0; i < t.layers && i < 100'000; ++i) {
    layers.push_back(i % period == offset);
  }
  return layers;
}

void jamba(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.recurrent = every(t, number(c, {"attn_layer_period"}, 8), number(c, {"attn_layer_offset"}, 4));
  t.recurrent.flip();
  t.dense = every(t, number(c, {"expert_layer_period"}, 2), number(c, {"expert_layer_offset"}, 1));
  t.dense.flip();
  models::Recurrence& r = t.recurrence;
  const std::int64_t expand = number(c, {"mamba_expand"}, 2);
  r.inner = expand < 1024 && t.hidden < (std::int64_t{1} << 40) ? expand * t.hidden : 0;
  r.states = number(c, {"mamba_d_state"}, 16);
  r.taps = number(c, {"mamba_d_conv"}, 4);
  const Json* rank = find_key(c, {"mamba_dt_rank"});
  r.rank =
      rank != nullptr && rank->is_number() ? number(c, {"mamba_dt_rank"}, 0) : (t.hidden + 15) / 16;
  r.bias = flag(c, {"mamba_proj_bias"}, false);
  r.convolution_bias = flag(c, {"mamba_conv_bias"}, true);
  r.normed = true;
  find_key(c, {"num_logits_to_keep", "mamba_inner_layernorms", "calc_logits_for_entire_prompt"});
}

/// Three layers of four have a state in place of attention.
void qwen3_next(const Settings& c, Config& config) {
  Transformer& t = config.transformer;
  t.q_bias = t.o_bias = flag(c, {"attention_bias"}, false);
  const Json* types = find_key(c, {"layer_types"});
  const std::int64_t interval = number(c, {"full_attention_interval"}, 4);
  if (types != nullptr && types->is_array()) {
    refuse(std::ssize(*types) != t.layers,
           fmt::format("layer_types of {} layers for {}", types->size(), t.layers));
    for (const Json& type : *types) {
      t.recurrent.push_back(type == "linear_attention");
    }
  } else {
    t.recurrent = every(t, interval, interval - 1);
    t.recurrent.flip();
  }
  models::Recurrence& r = t.recurrence;
  r.taps = number(c, {"linear_conv_kernel_dim"}, 4);
  r.groups = number(c, {"linear_num_key_heads"}, 16);
  r.states = number(c, {"linear_key_head_dim"}, 128);
  r.heads = number(c, {"linear_num_value_heads"}, 32);
  const std::int64_t size = number(c, {"linear_value_head_dim"}, 128);
  refuse(r.heads > 1 << 20 || size > 1 << 20, fmt::format("{} heads of {}", r.heads, size));
  r.inner = r.heads * size;
}

constexpr std::array particulars{
    Particular{"jamba", jamba},
    Particular{"qwen3_next", qwen3_next},
    Particular{"glm4_moe", glm4_moe},
    Particular{"phimoe", phimoe},
    Particular{"llama4_text", llama4},
    Particular{"seed_oss", seed_oss},
    Particular{"ernie4_5", ernie},
    Particular{"olmo", clipped},
    Particular{"olmoe", clipped},
    Particular{"phi", phi},
    Particular{"gpt_neox", gpt_neox},
    Particular{"granitemoe", granite},
    Particular{"cohere2", cohere},
    Particular{"opt", opt},
    Particular{"gpt_neo", gpt_neo},
    Particular{"gptj", gptj},
    Particular{"codegen", gptj},
    Particular{"mpt", mpt},
    Particular{"gpt_bigcode", gpt_bigcode},
    Particular{"stablelm", stablelm},
    Particular{"cohere", cohere},
    Particular{"glm", glm},
    Particular{"glm4", glm},
    Particular{"granite", granite},
    Particular{"smollm3", smollm3},
    Particular{"internlm2", internlm2},
    Particular{"gemma3_text", gemma3},
};

}  // namespace

void refuse(bool variant, std::string_view what) {
  if (variant) {
    bad_input("config.json: {} is not counted", what);
  }
}

void require_same(const Settings& c, const char* name, std::int64_t size, std::string_view what) {
  refuse(number(c, {name}, size) != size, fmt::format("{} apart from {}", name, what));
}

void read_particulars(const Settings& c, std::string_view family, Config& config) {
  for (const std::span<const Particular> rows :
       {std::span<const Particular>(particulars), encoder_particulars()}) {
    const auto found = std::ranges::find(rows, family, &Particular::family);
    if (found != rows.end()) {
      found->read(c, config);
    }
  }
}

}  // namespace flopmeter::huggingface
