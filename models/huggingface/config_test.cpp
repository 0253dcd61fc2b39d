// Public configurations, cut down to what decides, against the parameters that their models have.
#include "models/huggingface/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/bad_input.h"
#include "models/totals.h"

namespace flopmeter::huggingface {
namespace {

using ::testing::HasSubstr;

struct Published {
  std::string_view name, config;
  std::int64_t parameters;
};

std::ostream& operator<<(std::ostream& out, const Published& p) { return out << p.name; }

constexpr std::string_view llama_8b = R"({"model_type": "llama", "hidden_size": 4096,
    "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    "intermediate_size": 14336, "vocab_size": 128256, "hidden_act": "silu",
    "tie_word_embeddings": false, "torch_dtype": "bfloat16"})";

const Published published[] = {
    {"LLaMA-3.1-8B", llama_8b, 8'030'261'248},
    {"Mistral-7B", R"({"model_type": "mistral", "hidden_size": 4096, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336,
        "vocab_size": 32000, "hidden_act": "silu", "sliding_window": 4096,
        "tie_word_embeddings": false})",
     7'241'732'096},
    {"Mixtral-8x7B", R"({"model_type": "mixtral", "hidden_size": 4096, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336,
        "vocab_size": 32000, "num_local_experts": 8, "num_experts_per_tok": 2,
        "tie_word_embeddings": false})",
     46'702'792'704},
    {"Qwen2.5-7B", R"({"model_type": "qwen2", "hidden_size": 3584, "num_hidden_layers": 28,
        "num_attention_heads": 28, "num_key_value_heads": 4, "intermediate_size": 18944,
        "vocab_size": 152064, "use_sliding_window": false, "sliding_window": 131072,
        "tie_word_embeddings": false})",
     7'615'616'512},
    {"Qwen3-4B", R"({"model_type": "qwen3", "hidden_size": 2560, "num_hidden_layers": 36,
        "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
        "intermediate_size": 9728, "vocab_size": 151936, "attention_bias": false,
        "tie_word_embeddings": true})",
     4'022'468'096},
    {"Qwen3-30B-A3B", R"({"model_type": "qwen3_moe", "hidden_size": 2048, "num_hidden_layers": 48,
        "num_attention_heads": 32, "num_key_value_heads": 4, "head_dim": 128,
        "intermediate_size": 6144, "moe_intermediate_size": 768, "num_experts": 128,
        "num_experts_per_tok": 8, "vocab_size": 151936, "tie_word_embeddings": false})",
     30'532'122'624},
    {"Gemma-2-2B", R"({"model_type": "gemma2", "hidden_size": 2304, "num_hidden_layers": 26,
        "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
        "intermediate_size": 9216, "vocab_size": 256000, "sliding_window": 4096,
        "hidden_activation": "gelu_pytorch_tanh", "attn_logit_softcapping": 50.0,
        "final_logit_softcapping": 30.0})",
     2'614'341'888},
    {"Gemma-3-1B", R"({"model_type": "gemma3_text", "hidden_size": 1152, "num_hidden_layers": 26,
        "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 256,
        "intermediate_size": 6912, "vocab_size": 262144, "sliding_window": 512,
        "sliding_window_pattern": 6})",
     999'885'952},
    {"Phi-3-mini", R"({"model_type": "phi3", "hidden_size": 3072, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 32, "intermediate_size": 8192,
        "vocab_size": 32064, "tie_word_embeddings": false})",
     3'821'079'552},
    {"GPT-OSS-20B", R"({"model_type": "gpt_oss", "hidden_size": 2880, "num_hidden_layers": 24,
        "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64,
        "intermediate_size": 2880, "num_local_experts": 32, "num_experts_per_tok": 4,
        "vocab_size": 201088, "sliding_window": 128, "tie_word_embeddings": false})",
     20'914'757'184},
    {"DeepSeek-V2-Lite", R"({"model_type": "deepseek_v2", "hidden_size": 2048,
        "num_hidden_layers": 27, "num_attention_heads": 16, "num_key_value_heads": 16,
        "intermediate_size": 10944, "moe_intermediate_size": 1408, "n_routed_experts": 64,
        "n_shared_experts": 2, "num_experts_per_tok": 6, "first_k_dense_replace": 1,
        "q_lora_rank": null, "kv_lora_rank": 512, "qk_nope_head_dim": 128,
        "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 102400,
        "tie_word_embeddings": false})",
     15'706'484'224},
    {"T5-base", R"({"model_type": "t5", "d_model": 768, "num_layers": 12, "num_heads": 12,
        "d_kv": 64, "d_ff": 3072, "vocab_size": 32128, "relative_attention_num_buckets": 32})",
     222'903'552},
    {"BERT-base", R"({"model_type": "bert", "hidden_size": 768, "num_hidden_layers": 12,
        "num_attention_heads": 12, "intermediate_size": 3072, "vocab_size": 30522,
        "max_position_embeddings": 512, "type_vocab_size": 2, "hidden_act": "gelu"})",
     109'482'240},
    {"GPT-2", R"({"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12,
        "n_positions": 1024, "vocab_size": 50257, "activation_function": "gelu_new"})",
     124'439'808},
    {"StarCoder2-3B", R"({"model_type": "starcoder2", "hidden_size": 3072, "num_hidden_layers": 30,
        "num_attention_heads": 24, "num_key_value_heads": 2, "intermediate_size": 12288,
        "vocab_size": 49152, "hidden_act": "gelu_pytorch_tanh", "use_bias": true})",
     3'030'371'328},
    {"Falcon-7B", R"({"model_type": "falcon", "hidden_size": 4544, "num_hidden_layers": 32,
        "num_attention_heads": 71, "multi_query": true, "parallel_attn": true, "bias": false,
        "new_decoder_architecture": false, "vocab_size": 65024})",
     6'921'720'704},
    {"OPT-125M", R"({"model_type": "opt", "hidden_size": 768, "num_hidden_layers": 12,
        "num_attention_heads": 12, "ffn_dim": 3072, "max_position_embeddings": 2048,
        "vocab_size": 50272, "activation_function": "relu", "word_embed_proj_dim": 768})",
     125'239'296},
    {"BLOOM-560M", R"({"model_type": "bloom", "n_embed": 1024, "n_layer": 24,
        "num_attention_heads": 16, "vocab_size": 250880})",
     559'214'592},
    {"GPT-Neo-125M", R"({"model_type": "gpt_neo", "hidden_size": 768, "num_layers": 12,
        "num_heads": 12, "intermediate_size": null, "max_position_embeddings": 2048,
        "vocab_size": 50257, "activation_function": "gelu_new", "window_size": 256})",
     125'198'592},
    {"GPT-J-6B", R"({"model_type": "gptj", "n_embd": 4096, "n_layer": 28, "n_head": 16,
        "n_positions": 2048, "rotary_dim": 64, "vocab_size": 50400, "n_inner": null,
        "activation_function": "gelu_new", "tie_word_embeddings": false})",
     6'050'882'784},
    {"CodeGen-350M", R"({"model_type": "codegen", "n_embd": 1024, "n_layer": 20, "n_head": 16,
        "rotary_dim": 32, "vocab_size": 51200, "tie_word_embeddings": false})",
     356'712'448},
    {"StarCoderBase-1B", R"({"model_type": "gpt_bigcode", "n_embd": 2048, "n_layer": 24,
        "n_head": 16, "n_inner": 8192, "n_positions": 8192, "vocab_size": 49152,
        "multi_query": true, "activation_function": "gelu_pytorch_tanh"})",
     1'137'207'296},
    {"MPT-7B", R"({"model_type": "mpt", "d_model": 4096, "n_layers": 32, "n_heads": 32,
        "expansion_ratio": 4, "max_seq_len": 2048, "vocab_size": 50432, "no_bias": true,
        "attn_config": {"alibi": true}})",
     6'649'286'656},
    {"StableLM-3B-4E1T", R"({"model_type": "stablelm", "hidden_size": 2560,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
        "intermediate_size": 6912, "vocab_size": 50304, "partial_rotary_factor": 0.25,
        "hidden_act": "silu", "tie_word_embeddings": false})",
     2'795'443'200},
    {"Command-R", R"({"model_type": "cohere", "hidden_size": 8192, "num_hidden_layers": 40,
        "num_attention_heads": 64, "num_key_value_heads": 64, "intermediate_size": 22528,
        "vocab_size": 256000, "hidden_act": "silu", "use_qk_norm": false})",
     34'980'831'232},
    {"GLM-4-9B-0414", R"({"model_type": "glm4", "hidden_size": 4096, "num_hidden_layers": 40,
        "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128,
        "intermediate_size": 13696, "vocab_size": 151552, "attention_bias": true,
        "partial_rotary_factor": 0.5, "hidden_act": "silu", "tie_word_embeddings": false})",
     9'400'279'040},
    {"Granite-3.0-2B", R"({"model_type": "granite", "hidden_size": 2048, "num_hidden_layers": 40,
        "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 8192,
        "vocab_size": 49155, "hidden_act": "silu", "tie_word_embeddings": true})",
     2'533'531'648},
    {"SmolLM3-3B", R"({"model_type": "smollm3", "hidden_size": 2048, "num_hidden_layers": 36,
        "num_attention_heads": 16, "num_key_value_heads": 4, "intermediate_size": 11008,
        "vocab_size": 128256, "hidden_act": "silu", "tie_word_embeddings": true})",
     3'075'098'624},
    {"RoBERTa-base", R"({"model_type": "roberta", "hidden_size": 768, "num_hidden_layers": 12,
        "num_attention_heads": 12, "intermediate_size": 3072, "vocab_size": 50265,
        "max_position_embeddings": 514, "type_vocab_size": 1, "hidden_act": "gelu"})",
     124'645'632},
    {"XLM-RoBERTa-base", R"({"model_type": "xlm-roberta", "hidden_size": 768,
        "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
        "vocab_size": 250002, "max_position_embeddings": 514, "type_vocab_size": 1,
        "hidden_act": "gelu"})",
     278'043'648},
    {"ELECTRA-base", R"({"model_type": "electra", "hidden_size": 768, "embedding_size": 768,
        "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072,
        "vocab_size": 30522, "max_position_embeddings": 512, "type_vocab_size": 2,
        "hidden_act": "gelu"})",
     108'891'648},
    {"BART-base", R"({"model_type": "bart", "d_model": 768, "encoder_layers": 6,
        "decoder_layers": 6, "encoder_attention_heads": 12, "decoder_attention_heads": 12,
        "encoder_ffn_dim": 3072, "decoder_ffn_dim": 3072, "max_position_embeddings": 1024,
        "vocab_size": 50265, "activation_function": "gelu"})",
     139'420'416},
    {"mBART-large-50", R"({"model_type": "mbart", "d_model": 1024, "encoder_layers": 12,
        "decoder_layers": 12, "encoder_attention_heads": 16, "decoder_attention_heads": 16,
        "encoder_ffn_dim": 4096, "decoder_ffn_dim": 4096, "max_position_embeddings": 1024,
        "vocab_size": 250054, "activation_function": "gelu", "scale_embedding": true})",
     610'879'488},
};

class PublishedConfig : public ::testing::TestWithParam<Published> {};

TEST_P(PublishedConfig, HasTheModelsParameters) {
  EXPECT_EQ(read(GetParam().config, "", {}).parameters, GetParam().parameters);
}

INSTANTIATE_TEST_SUITE_P(All, PublishedConfig, ::testing::ValuesIn(published));

models::ModelOptions language(std::string phase, std::int64_t tokens, std::int64_t past) {
  models::ModelOptions options;
  options.phase = std::move(phase);
  options.tokens = tokens;
  options.past = past;
  return options;
}

/// The derivation stands in docs/models.md.
TEST(HuggingfaceConfig, CountsLlamaAsDerived) {
  const std::int64_t weights =
      32LL * (4096LL * 4096 * 2 + 4096LL * 1024 * 2 + 3LL * 4096 * 14336) + 128256LL * 4096;
  const models::Totals prefill =
      models::totals_of(read(llama_8b, "", language("prefill", 512, 0)), Pass::forward);
  EXPECT_EQ(prefill.dense.macs, 512 * weights + 32LL * 32 * 512 * 512 * 128 * 2);
  EXPECT_EQ(prefill.in_bounds.macs, 512 * weights + 32LL * 32 * (512 * 513 / 2) * 128 * 2);
  EXPECT_EQ(prefill.dense.macs, 3'911'104'593'920);
  const models::Totals decode =
      models::totals_of(read(llama_8b, "", language("decode", 0, 4096)), Pass::forward);
  EXPECT_EQ(decode.dense.macs, weights + 32LL * 32 * 4097 * 128 * 2);
  EXPECT_EQ(decode.dense.macs, 8'578'662'400);
  EXPECT_EQ(decode.in_bounds.macs, decode.dense.macs);
}

std::string config_error(std::string_view json, const models::ModelOptions& options = {}) {
  try {
    read(json, "", options);
  } catch (const BadInput& error) {
    return error.what();
  }
  return "accepted";
}

/// Variants of a family that would be counted wrongly.
TEST(HuggingfaceConfig, RefusesVariants) {
  EXPECT_THAT(config_error(R"({"model_type": "opt", "hidden_size": 1024, "ffn_dim": 4096,
                               "num_hidden_layers": 24, "num_attention_heads": 16,
                               "vocab_size": 50272, "word_embed_proj_dim": 512})"),
              HasSubstr("word_embed_proj_dim apart from hidden_size is not counted"));
  EXPECT_THAT(config_error(R"({"model_type": "cohere", "hidden_size": 64, "num_hidden_layers": 1,
                               "num_attention_heads": 4, "vocab_size": 8, "use_qk_norm": true})"),
              HasSubstr("a norm of queries and keys is not counted"));
}

/// Of models that see, the part that reads images has parameters that are not in the totals.
TEST(HuggingfaceConfig, SaysThatImagesAreLeftOut) {
  const models::Model model = read(R"({"model_type": "gemma3", "vision_config": {},
      "text_config": {"model_type": "gemma3_text", "hidden_size": 2560, "num_hidden_layers": 34,
                      "intermediate_size": 10240, "sliding_window": 1024}})",
                                   "", {});
  EXPECT_EQ(model.parameters, 3'880'263'168);
  EXPECT_THAT(model.remarks, ::testing::Contains(HasSubstr("text_config) alone is counted")));
}

TEST(HuggingfaceConfig, RefusesWhatItCannotCount) {
  EXPECT_THAT(config_error("{"), HasSubstr("not a JSON object"));
  EXPECT_THAT(config_error(R"({"model_type": "rwkv"})"),
              HasSubstr("'rwkv' is not known: one of llama, mistral"));
  EXPECT_THAT(config_error(R"({"model_type": "llama", "hidden_size": "x"})"),
              HasSubstr("'hidden_size' is \"x\", not a size"));
  EXPECT_THAT(config_error(R"({"model_type": "llama", "hidden_size": 8})"),
              HasSubstr("the model has no layers"));
  EXPECT_THAT(config_error(R"({"model_type": "llama", "hidden_size": 10, "vocab_size": 5,
                               "num_hidden_layers": 1, "num_attention_heads": 3})"),
              HasSubstr("cannot be divided into 3 heads"));
  EXPECT_THAT(config_error(llama_8b, language("training", 1, 0)), HasSubstr("prefill or decode"));
}

}  // namespace
}  // namespace flopmeter::huggingface
