#include "kernels/transformer_block/transformer_block.h"

#include <gmock/gmock.h>

namespace flopmeter::transformer_block {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Formula formula(std::string_view text) {
  return Layer::formula(parse_shape<Layer>(text), Pass::forward);
}

// The values of the published configurations, and the number of parameters of the whole model that
// its authors state. What is not in blocks is worked out here: tables, last norms, heads.
struct Published {
  const char* name;
  const char* block;  // of 16 tokens
  std::int64_t blocks;
  std::int64_t others;  // parameters outside of these blocks
  std::int64_t total;   // parameters of the model
};

constexpr std::int64_t mla_of_deepseek = 2048 * 3072 + 2048 * 576 + 512 + 512 * 4096 + 2048 * 2048;

const std::vector<Published>& models() {
  static const std::vector<Published> table{
      {"LLaMA-3.1-8B", "mb1l16e4096h32hkv8ff14336swiglu1rope128", 32, 2LL * 128'256 * 4096 + 4096,
       8'030'261'248},
      {"Mistral-7B", "mb1l16e4096h32hkv8ff14336swiglu1window4096rope128", 32,
       2LL * 32'000 * 4096 + 4096, 7'241'732'096},
      {"Qwen3-4B", "mb1l16e2560h32hkv8d128ff9728swiglu1qknorm1rope128", 36, 151'936LL * 2560 + 2560,
       4'022'468'096},
      {"Gemma-2-2B", "mb1l16e2304h8hkv4d256ff9216geglu1gelutanh1norm2rope256softcap50", 26,
       256'000LL * 2304 + 2304, 2'614'341'888},
      {"GPT-OSS-20B",
       "mb1l16e2880h64hkv8d64ff2880swiglu1experts32active4bias1sink1window128rope64clip7", 24,
       2LL * 201'088 * 2880 + 2880, 20'914'757'184},
      {"DeepSeek-V2-Lite", "mb1l16e2048h16d128kvl512dr64ff1408swiglu1experts64active6shared2rope64",
       26, 2LL * 102'400 * 2048 + 2048 + mla_of_deepseek + 3LL * 2048 * 10'944 + 2 * 2048,
       15'706'484'224},
      {"BERT-base", "mb1l16e768h12ff3072norm0rms0causal0bias1gelu1", 12,
       (30'522LL + 512 + 2) * 768 + 2 * 768 + 768 * 768 + 768, 109'482'240},
      // The decoder's blocks are worked out below.
      {"T5-base", "mb1l16e768h12ff3072causal0", 12,
       32'128LL * 768 + 2 * 32 * 12 + 2 * 768 + 12 * (8LL * 768 * 768 + 2LL * 768 * 3072 + 3 * 768),
       222'903'552}};
  return table;
}

TEST(TransformerBlockFormula, HasTheParametersOfPublishedModels) {
  for (const Published& model : models()) {
    EXPECT_EQ(model.blocks * formula(model.block).parameters + model.others, model.total)
        << model.name;
  }
  EXPECT_EQ(formula("mb1l16s16e768h12ff3072").parameters,
            8LL * 768 * 768 + 2LL * 768 * 3072 + 3 * 768);  // T5-base's decoder
}

// Per token the matrices, per pair of tokens scores and values, of 16 x 16 pairs or the 136 that a
// causal mask leaves; of experts the active ones, the router, and a share for each of their results.
TEST(TransformerBlockFormula, HasTheMacsOfPublishedModels) {
  const auto check = [](const char* name, std::int64_t matrices, std::int64_t features_of_pairs) {
    for (const Published& model : models()) {
      if (std::string_view(model.name) == name) {
        const Formula counted = formula(model.block);
        const bool causal = std::string_view(model.block).find("causal0") == std::string::npos;
        EXPECT_EQ(counted.dense.macs, 16 * matrices + 256 * features_of_pairs) << name;
        EXPECT_EQ(counted.in_bounds.macs, 16 * matrices + (causal ? 136 : 256) * features_of_pairs)
            << name;
      }
    }
  };
  check("LLaMA-3.1-8B", 2LL * 4096 * 4096 + 2LL * 4096 * 1024 + 3LL * 4096 * 14'336, 32 * 2 * 128);
  check("Mistral-7B", 2LL * 4096 * 4096 + 2LL * 4096 * 1024 + 3LL * 4096 * 14'336, 32 * 2 * 128);
  check("Qwen3-4B", 2LL * 2560 * 4096 + 2LL * 2560 * 1024 + 3LL * 2560 * 9728, 32 * 2 * 128);
  check("Gemma-2-2B", 2LL * 2304 * 2048 + 2LL * 2304 * 1024 + 3LL * 2304 * 9216, 8 * 2 * 256);
  check("GPT-OSS-20B",
        2LL * 2880 * 4096 + 2LL * 2880 * 512 + 2880LL * 32 + 4 * (3LL * 2880 * 2880 + 2880),
        64 * 2 * 64);
  check(
      "DeepSeek-V2-Lite",
      mla_of_deepseek - 512 + 2048LL * 64 + 6 * (3LL * 2048 * 1408 + 2048) + 3LL * 2048 * 2 * 1408,
      16 * (192 + 128));
  check("BERT-base", 4LL * 768 * 768 + 2LL * 768 * 3072, 12 * 2 * 64);
  check("T5-base", 4LL * 768 * 768 + 2LL * 768 * 3072, 12 * 2 * 64);
}

// Of 16 tokens 32 + 8 heads of 128 features are rotated: two multiplies and an add for each feature.
// Of 8 heads each of 136 pairs has its score capped. Clipped experts multiply, add and compare more,
// for each hidden feature of 4 experts a token.
TEST(TransformerBlockFormula, CountsRotationsCapsAndClips) {
  const auto more = [](std::string_view with, std::string_view without) {
    const OpCounts a = formula(with).in_bounds;
    const OpCounts b = formula(without).in_bounds;
    EXPECT_EQ(a.macs, b.macs);
    return OpCounts{.multiplies = a.multiplies - b.multiplies,
                    .adds = a.adds - b.adds,
                    .divides = a.divides - b.divides,
                    .tanhs = a.tanhs - b.tanhs,
                    .comparisons = a.comparisons - b.comparisons};
  };
  EXPECT_EQ(more("mb1l16e4096h32hkv8ff14336swiglu1rope128", "mb1l16e4096h32hkv8ff14336swiglu1"),
            (OpCounts{.multiplies = 2 * 16 * 40 * 128, .adds = 16 * 40 * 128}));
  EXPECT_EQ(more("mb1l16e2304h8hkv4d256ff9216geglu1softcap50", "mb1l16e2304h8hkv4d256ff9216geglu1"),
            (OpCounts{.multiplies = 8 * 136, .divides = 8 * 136, .tanhs = 8 * 136}));
  const std::int64_t hidden = 16 * 4 * 2880;
  EXPECT_EQ(more("mb1l16e2880h64d64ff2880swiglu1experts32active4clip7",
                 "mb1l16e2880h64d64ff2880swiglu1experts32active4"),
            (OpCounts{.multiplies = hidden, .adds = hidden, .comparisons = 3 * hidden}));
}

// GPT-OSS-20B: 3.6 of 20.9 thousand million take part in a token; here of one block.
TEST(TransformerBlockVariables, SayWhatIsActive) {
  const Shape shape = parse_shape<Layer>(models()[4].block);
  const std::int64_t expert = 3LL * 2880 * 2880 + 3 * 2880;
  EXPECT_EQ(Layer::variables(shape)[0].value,
            Layer::formula(shape, Pass::forward).parameters - 28 * expert);
}

TEST(TransformerBlockShape, RefusesWithTheReason) {
  const auto refused = [](const char* text, const char* why) {
    EXPECT_THAT([&] { parse_shape<Layer>(text); }, ThrowsMessage<BadInput>(HasSubstr(why))) << text;
  };
  refused("mb1l4e8h2", "needs l, e, h and ff");
  refused("mb1l4e8h3ff8", "must divide e 8");
  refused("mb1l4e8h2ff8norm3", "norm is 3");
  refused("mb1l4e8h2ff8gelu1swiglu1", "one of them");
  refused("mb1l4e8h2ff8active1", "of which there are none");
  refused("mb1l4e8h2ff8experts2active3", "must be from 1 to 2");
  refused("mb1l4e8h2ff8dr4", "kvl is missing");
  refused("mb1l4e8h2ff8kvl4", "kvl needs dr");
  refused("mb1l4e8h2ff8kvl4dr2bias1", "with kvl");
  refused("mb1l4e8h2ff8parallel1norm0", "normalised before");
  refused("mb1l4e8h2ff8rope3", "rope is 3, must be even and at most d = 4");
  refused("mb1l4e8h2ff8kvl4dr2rope4", "0 or dr = 2");
  refused("mb1l4e8h2ff8clip7", "clip is of experts");
}

}  // namespace
}  // namespace flopmeter::transformer_block
