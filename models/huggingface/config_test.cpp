// What a config.json becomes besides its parameters, and what is said of it.
#include "models/huggingface/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/bad_input.h"
#include "models/totals.h"

namespace flopmeter::huggingface {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view llama_8b = R"({"model_type": "llama", "hidden_size": 4096,
    "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    "intermediate_size": 14336, "vocab_size": 128256, "hidden_act": "silu",
    "tie_word_embeddings": false, "torch_dtype": "bfloat16"})";

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
  EXPECT_THAT(config_error(R"({"model_type": "gpt2", "n_embd": 64, "n_layer": 1, "n_head": 4,
                               "vocab_size": 8, "n_positions": 8, "add_cross_attention": true})"),
              HasSubstr("attention to another model's tokens is not counted"));
  EXPECT_THAT(config_error(R"({"model_type": "bert", "is_decoder": true})"),
              HasSubstr("(is_decoder) is not counted"));
  EXPECT_THAT(config_error(R"({"model_type": "bert", "position_embedding_type": "relative_key"})"),
              HasSubstr("position_embedding_type 'relative_key' is not counted"));
  EXPECT_THAT(config_error(R"({"model_type": "dinov2", "use_swiglu_ffn": true})"),
              HasSubstr("a gated feed-forward is not counted"));
  EXPECT_THAT(config_error(R"({"model_type": "cohere", "hidden_size": 64, "num_hidden_layers": 1,
                               "num_attention_heads": 4, "vocab_size": 8, "use_qk_norm": true})"),
              HasSubstr("a norm of queries and keys is not counted"));
}

std::vector<std::string> remarks_of(std::string_view json) { return read(json, "", {}).remarks; }

/// A variant that nobody has heard of must not be counted as the plain family without a word.
TEST(HuggingfaceConfig, NamesSettingsThatItDoesNotKnow) {
  constexpr std::string_view strange = R"({"model_type": "llama", "hidden_size": 64,
      "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 8, "bos_token_id": 1,
      "rms_norm_eps": 1e-5, "new_kind_of_gate": "sigmoid", "block_bias": false, "unused": null})";
  EXPECT_THAT(remarks_of(strange),
              ::testing::Contains(AllOf(HasSubstr("settings that are not understood"),
                                        EndsWith(": block_bias, new_kind_of_gate"))));
  EXPECT_THAT(remarks_of(llama_8b), ::testing::Each(Not(HasSubstr("not understood"))));
}

/// What the weights' class has at its end may be something else than what is counted.
TEST(HuggingfaceConfig, SaysWhichEndIsNotCounted) {
  constexpr std::string_view encoder = R"({"model_type": "bert", "hidden_size": 64,
      "num_hidden_layers": 1, "num_attention_heads": 4, "vocab_size": 8,
      "max_position_embeddings": 8, "architectures": ["BertForMaskedLM"]})";
  EXPECT_THAT(remarks_of(encoder),
              ::testing::Contains(HasSubstr("of BertForMaskedLM: counted are its layers and its "
                                            "pooler")));
  constexpr std::string_view plain = R"({"model_type": "bert", "hidden_size": 64,
      "num_hidden_layers": 1, "num_attention_heads": 4, "vocab_size": 8,
      "max_position_embeddings": 8, "architectures": ["BertModel"]})";
  EXPECT_THAT(remarks_of(plain), ::testing::Each(Not(HasSubstr("the weights are of"))));
}

/// Dense layers among those of experts: named, and every other one.
TEST(HuggingfaceConfig, KnowsWhichLayersHaveExperts) {
  const std::string head = R"({"model_type": "qwen3_moe", "hidden_size": 64, "vocab_size": 8,
      "num_hidden_layers": 6, "num_attention_heads": 4, "head_dim": 16, "intermediate_size": 96,
      "moe_intermediate_size": 32, "num_experts": 8, "num_experts_per_tok": 2)";
  const std::int64_t dense = 3LL * 64 * 96;
  const std::int64_t experts = 8LL * 3 * 64 * 32 + 64 * 8;
  const std::int64_t all = read(head + "}", "", {}).parameters;
  EXPECT_EQ(read(head + R"(, "mlp_only_layers": [0, 4]})", "", {}).parameters,
            all + 2 * (dense - experts));
  EXPECT_EQ(read(head + R"(, "decoder_sparse_step": 2})", "", {}).parameters,
            all + 3 * (dense - experts));
}

/// Our own count of the same network from its ONNX file.
TEST(HuggingfaceConfig, CountsAnImageAsItsGraphDoes) {
  const models::Totals vit = models::totals_of(
      read(R"({"model_type": "vit", "architectures": ["ViTForImageClassification"],
               "num_labels": 1000})",
           "", {}),
      Pass::forward);
  EXPECT_EQ(vit.dense.macs, 17'563'828'224);
}

/// Whisper: 1,500 frames behind the convolutions, however many tokens; keys have no bias.
TEST(HuggingfaceConfig, CountsSoundOnce) {
  const std::string_view tiny = R"({"model_type": "whisper", "d_model": 384, "encoder_layers": 4,
      "decoder_layers": 4, "encoder_attention_heads": 6, "decoder_attention_heads": 6,
      "encoder_ffn_dim": 1536, "decoder_ffn_dim": 1536, "vocab_size": 51865})";
  const std::int64_t d = 384;
  const std::int64_t convolutions = 3000 * 3 * 80 * d + 1500 * 3 * d * d;
  const std::int64_t encoder = 4 * (1500 * 12 * d * d + 2 * 1500 * 1500 * d);
  const auto decoder = [&](std::int64_t n) {
    return 4 * (n * (6 + 8) * d * d + 1500 * 2 * d * d + 2 * n * n * d + 2 * n * 1500 * d) +
           n * d * 51865;
  };
  for (const std::int64_t n : {1, 448}) {
    EXPECT_EQ(
        models::totals_of(read(tiny, "", language("prefill", n, 0)), Pass::forward).dense.macs,
        convolutions + encoder + decoder(n))
        << n;
  }
}

/// Products of a block of Mamba: in, x, step and out; the scan has three a state, and one of D.
TEST(HuggingfaceConfig, CountsMambaAsDerived) {
  const std::string_view mamba = R"({"model_type": "mamba", "hidden_size": 768,
      "num_hidden_layers": 24, "vocab_size": 50280, "time_step_rank": 48})";
  const models::Model prompt = read(mamba, "", language("prefill", 32, 0));
  std::int64_t products = 0;
  for (const models::ModelNode& node : prompt.nodes) {
    if (node.layer != nullptr && node.layer->name == "linear") {
      products += node.layer->formula(node.values, Pass::forward).dense.macs;
    }
  }
  EXPECT_EQ(products,
            32 * (24LL * (768 * 3072 + 1536 * 80 + 48 * 1536 + 1536 * 768) + 768LL * 50280));
  EXPECT_TRUE(models::totals_of(prompt, Pass::forward).whole);
}

/// DeBERTa's layers make keys and queries of 512 relative positions each time.
TEST(HuggingfaceConfig, CountsDisentangledAttention) {
  const std::string_view deberta = R"({"model_type": "deberta-v2", "vocab_size": 100,
      "hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4,
      "intermediate_size": 128, "max_position_embeddings": 32, "relative_attention": true,
      "position_buckets": 8, "share_att_key": true, "pos_att_type": ["c2p", "p2c"]})";
  const std::int64_t n = 10;
  EXPECT_EQ(
      models::totals_of(read(deberta, "", language("prefill", n, 0)), Pass::forward).dense.macs,
      n * (4 * 64 * 64 + 2 * 64 * 128) + 2 * n * n * 64 + 2 * 16 * 64 * 64 + 2 * n * 16 * 64);
}

TEST(HuggingfaceConfig, SaysWhereTokensHaveNoPosition) {
  const std::string_view gpt2 = R"({"model_type": "gpt2", "n_embd": 64, "n_layer": 1, "n_head": 4,
      "vocab_size": 8, "n_positions": 16})";
  EXPECT_THAT(read(gpt2, "", language("prefill", 17, 0)).remarks,
              ::testing::Contains(HasSubstr("has 16 positions: 17 tokens cannot run")));
  EXPECT_THAT(remarks_of(gpt2), ::testing::Each(Not(HasSubstr("cannot run"))));
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
  EXPECT_THAT(config_error(R"({"peft_type": "LORA", "r": 8})"),
              HasSubstr("has no model_type: it is of an adapter"));
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
