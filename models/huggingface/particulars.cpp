#include "models/huggingface/particulars.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kernels/bad_input.h"

namespace flopmeter::huggingface {
namespace {

using models::Transformer;

void refuse(bool variant, std::string_view what) {
  if (variant) {
    bad_input("config.json: {} is not counted", what);
  }
}

void require_same(const Json& c, const char* name, std::int64_t size, std::string_view what) {
  refuse(number(c, {name}, size) != size, fmt::format("{} apart from {}", name, what));
}

/// Tables of positions begin behind two that are not used.
void opt(const Json& c, Config& config) {
  Transformer& t = config.transformer;
  t.positions_stored += 2;
  t.q_bias = t.o_bias = t.ff_bias = flag(c, {"enable_bias"}, true);
  require_same(c, "word_embed_proj_dim", t.hidden, "hidden_size");
  refuse(!flag(c, {"do_layer_norm_before"}, true), "a norm behind its block");
}

void bart(const Json& c, Config& config) {
  Transformer& t = config.transformer;
  t.positions_stored += 2;
  t.scaled_embedding = flag(c, {"scale_embedding"}, false);
  require_same(c, "decoder_ffn_dim", t.feed_forward, "encoder_ffn_dim");
  require_same(c, "decoder_attention_heads", t.heads, "encoder_attention_heads");
}

/// Layers take turns: all tokens, and those of a window.
void gpt_neo(const Json& c, Config& config) {
  Transformer& t = config.transformer;
  t.window = number(c, {"window_size"}, 256);
  const Json* layers = find_key(c, {"attention_layers"});
  for (std::int64_t i = 0; i < t.layers && i < 100'000; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const bool given = layers != nullptr && layers->is_array() && at < layers->size();
    t.windowed.push_back(given ? (*layers)[at] == "local" : i % 2 == 1);
  }
}

void gptj(const Json& c, Config& config) {
  config.transformer.rotary_size = number(c, {"rotary_dim"}, 64);
}

void gpt_bigcode(const Json& c, Config& config) {
  config.transformer.kv_heads = flag(c, {"multi_query"}, true) ? 1 : config.transformer.heads;
}

void mpt(const Json& c, Config& config) {
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

void stablelm(const Json& c, Config& config) {
  Transformer& t = config.transformer;
  t.q_bias = flag(c, {"use_qkv_bias"}, false);
  t.parallel = t.norm_once = flag(c, {"use_parallel_residual"}, false);
  refuse(flag(c, {"qk_layernorm"}, false), "a norm of queries and keys");
}

void cohere(const Json& c, Config& config) {
  Transformer& t = config.transformer;
  t.q_bias = t.o_bias = flag(c, {"attention_bias"}, false);
  refuse(flag(c, {"use_qk_norm"}, false), "a norm of queries and keys");
  config.remarks.emplace_back("the products of logits with logit_scale are not counted");
}

void glm(const Json& c, Config& config) {
  config.transformer.q_bias = flag(c, {"attention_bias"}, false);
}

void granite(const Json& c, Config& config) {
  Transformer& t = config.transformer;
  t.q_bias = t.o_bias = flag(c, {"attention_bias"}, false);
  t.ff_bias = flag(c, {"mlp_bias"}, false);
  config.remarks.emplace_back(
      "the products with embedding_multiplier, residual_multiplier and logits_scaling are not "
      "counted");
}

void smollm3(const Json& c, Config& config) {
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

void internlm2(const Json& c, Config& config) {
  config.transformer.q_bias = config.transformer.o_bias = flag(c, {"bias"}, false);
}

void electra(const Json& c, Config& config) {
  require_same(c, "embedding_size", config.transformer.hidden, "hidden_size");
}

/// Files of the larger models leave out what is as in the one of 4B.
void gemma3(const Json& c, Config& config) {
  Transformer& t = config.transformer;
  t.heads = number(c, {"num_attention_heads"}, 8);
  t.kv_heads = number(c, {"num_key_value_heads"}, 4);
  t.head_size = number(c, {"head_dim"}, 256);
  t.vocabulary = number(c, {"vocab_size"}, 262'208);
}

struct Particular {
  std::string_view family;
  void (*read)(const Json&, Config&);
};

constexpr std::array particulars{
    Particular{"opt", opt},
    Particular{"bart", bart},
    Particular{"mbart", bart},
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
    Particular{"electra", electra},
    Particular{"internlm2", internlm2},
    Particular{"gemma3_text", gemma3},
};

}  // namespace

void read_particulars(const Json& c, std::string_view family, Config& config) {
  const auto* const found = std::ranges::find(particulars, family, &Particular::family);
  if (found != particulars.end()) {
    found->read(c, config);
  }
}

}  // namespace flopmeter::huggingface
