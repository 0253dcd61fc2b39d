// Language models without files of weights: drawn, run behind a cache, held against plain layers.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include "kernels/bad_input.h"
#include "models/language/check.h"
#include "models/language/generation_rules.h"
#include "models/testing/temporary_file.h"

namespace flopmeter::models {
namespace {

using flopmeter::testing::TemporaryFile;
using generation::CacheType;
using generation::Format;
using ::testing::HasSubstr;
using ::testing::Not;

/// 64 features, two layers, four heads that share two; `more` is put behind.
LanguageModel model_of(const std::string& family, const std::string& more = "") {
  const TemporaryFile file(
      "{\"model_type\": \"" + family +
      "\", \"hidden_size\": 64, \"num_hidden_layers\": 2, \"num_attention_heads\": 4, "
      "\"num_key_value_heads\": 2, \"intermediate_size\": 96, \"vocab_size\": 80, "
      "\"max_position_embeddings\": 128" +
      more + "}");
  return read_language_model(file.path());
}

LanguageCheck checked(const LanguageModel& model, Format format, CacheType type, int threads) {
  const LanguageWeights weights = make_weights(model, format, model.transformer.layers);
  return check_language(model, weights, 40, type, threads);
}

void expect_agrees(const LanguageCheck& check) {
  EXPECT_EQ(check.results.size(), 5U);
  for (const LogitAgreement& one : check.results) {
    EXPECT_TRUE(one.agrees) << one.name << ": " << one.reason;
    EXPECT_GT(one.largest, 0.1);
  }
}

TEST(Language, EveryFamilyThatRunsAgrees) {
  for (const auto& [family, more] : std::vector<std::pair<std::string, std::string>>{
           {"llama", ""},
           {"mistral", ", \"sliding_window\": 9"},
           {"qwen2", ""},
           {"qwen3", ", \"head_dim\": 24"},
           {"gemma", ""},
           {"gemma2",
            ", \"sliding_window\": 9, \"attn_logit_softcapping\": 50.0, "
            "\"final_logit_softcapping\": 30.0"},
           {"gemma3_text", ", \"sliding_window\": 9"},
           {"phi3", ""},
           {"phi", ", \"partial_rotary_factor\": 0.5"},
           {"gpt2", ""},
           {"falcon", ""},
           {"gpt_neox", ", \"rotary_pct\": 0.25"},
           {"starcoder2", ""}}) {
    SCOPED_TRACE(family);
    expect_agrees(checked(model_of(family, more), Format::f32, CacheType::f32, 2));
  }
}

TEST(Language, EveryFormatAgrees) {
  const LanguageModel model = model_of("llama");
  for (const Format format : {Format::f16, Format::bf16, Format::q8_0, Format::q4_0}) {
    expect_agrees(checked(model, format, CacheType::bf16, 1));
  }
  const LanguageModel wide =
      model_of("llama", ", \"hidden_size\": 256, \"intermediate_size\": 256");
  expect_agrees(checked(wide, Format::q4_k, CacheType::f32, 1));
  expect_agrees(checked(wide, Format::q6_k, CacheType::f32, 1));
}

/// Logits of one pass over all tokens, from an empty cache.
std::vector<float> logits(const LanguageModel& model, const LanguageWeights& weights,
                          const std::vector<std::int64_t>& ids, std::int64_t batch) {
  const std::int64_t tokens = static_cast<std::int64_t>(ids.size()) / batch;
  GenerationState state(model, 2, batch, tokens, CacheType::f32);
  Generator generator(model, weights, state, {batch, tokens, 0}, 1);
  generator.set_tokens(ids);
  generator.run();
  generator.run();  // writes the same positions again
  return {generator.logits().begin(), generator.logits().end()};
}

TEST(Language, SequencesOfABatchAreTheirOwn) {
  const LanguageModel model = model_of("llama");
  const LanguageWeights weights = make_weights(model, Format::f32, 2);
  const std::vector<float> first = logits(model, weights, {3, 1, 4, 1}, 1);
  const std::vector<float> second = logits(model, weights, {5, 9, 2, 6}, 1);
  const std::vector<float> both = logits(model, weights, {3, 1, 4, 1, 5, 9, 2, 6}, 2);
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_NEAR(both[i], first[i], 1e-4);
    EXPECT_NEAR(both[first.size() + i], second[i], 1e-4);
  }
}

// A decoding step at the wrong position would pass for the right one if angles or caches were not looked at.
TEST(Language, WhatIsWrongDisagrees) {
  const LanguageModel model = model_of("llama");
  const LanguageWeights weights = make_weights(model, Format::f32, 2);
  const std::vector<float> right = logits(model, weights, {3, 1, 4, 1}, 1);
  LanguageModel other = model;
  other.rotary_base = 100;
  const std::vector<float> wrong = logits(other, weights, {3, 1, 4, 1}, 1);
  const LanguageCheck check = check_language(model, weights, 12, CacheType::f32, 1);
  double largest = 0;
  for (std::size_t i = 0; i < right.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(right[i] - wrong[i])));
  }
  EXPECT_GT(largest, 10 * check.results.front().tolerance);
}

// Every node of the counted model with arithmetic is in one part, and FLOPs are those of the formulas.
TEST(Language, PartsAreTheModel) {
  const LanguageModel model = model_of("llama");
  const LanguageWeights weights = make_weights(model, Format::q8_0, 2);
  GenerationState state(model, 2, 1, 32, CacheType::bf16);
  const Generator generator(model, weights, state, {1, 1, 31}, 1);
  ASSERT_EQ(generator.parts().size(), 1U + 2 * 6 + 1);
  const GenerationPart& qkv = generator.parts()[1];
  EXPECT_EQ(qkv.name, "layers.0.attention.qkv");
  EXPECT_THAT(qkv.fused, ::testing::ElementsAre("layers.0.attention.norm", "layers.0.attention.q",
                                                "layers.0.attention.k", "layers.0.attention.v"));
  EXPECT_EQ(qkv.weight_bytes, 64 * (64 + 32 + 32) / 32 * 34);
  EXPECT_GT(qkv.flops, 64 * (64 + 32 + 32) * 2 - 200);
  EXPECT_EQ(generator.parts()[3].cache_bytes, 32 * 2 * (16 + 16) * 2);
  EXPECT_EQ(weight_bytes(model, Format::q8_0, 2), weights.bytes);
}

// Prevents logits that are not the trained model's from standing without a word.
TEST(Language, AnglesThatAreScaledInAnotherWayAreSaid) {
  const auto remarks = [](const std::string& more) {
    return fmt::format("{}", fmt::join(model_of("llama", more).remarks, "\n"));
  };
  EXPECT_THAT(remarks(", \"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8.0}"),
              HasSubstr("rotary angles of the file (llama3) are not scaled"));
  EXPECT_THAT(remarks(", \"rope_scaling\": {\"type\": \"yarn\"}"), HasSubstr("(yarn)"));
  EXPECT_THAT(remarks(", \"rope_scaling\": {\"rope_type\": \"default\"}"),
              Not(HasSubstr("rotary angles")));
  EXPECT_THAT(remarks(", \"quantization_config\": {\"quant_method\": \"gptq\"}"),
              HasSubstr("weights are quantised (gptq)"));
}

// Prevents a page that tells of other rules than those that are there.
TEST(Language, ThePageHasTheRules) {
  const MappedFile page("docs/language_models.md");
  for (const GenerationRule& rule : generation_rules()) {
    EXPECT_THAT(std::string(page.bytes()),
                HasSubstr(fmt::format("| {} | {} |{}{} |", rule.pattern, rule.becomes,
                                      rule.condition.empty() ? "" : " ", rule.condition)));
  }
}

TEST(Language, RefusesByName) {
  const auto refusal = [](const std::string& family, const std::string& more) -> std::string {
    try {
      model_of(family, more);
    } catch (const BadInput& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(refusal("mixtral", ", \"num_local_experts\": 4, \"num_experts_per_tok\": 2"),
              HasSubstr("a mixture of experts does not run"));
  EXPECT_THAT(refusal("bert", ""), HasSubstr("an encoder"));
  EXPECT_THAT(refusal("deepseek_v2",
                      ", \"kv_lora_rank\": 16, \"qk_nope_head_dim\": 8, "
                      "\"qk_rope_head_dim\": 8, \"v_head_dim\": 16"),
              HasSubstr("MLA"));
  EXPECT_THROW(make_weights(model_of("llama"), Format::q4_k, 2), BadInput);
}

}  // namespace
}  // namespace flopmeter::models
