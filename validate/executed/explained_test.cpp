// The table of effects against what oneDNN's AVX-512 code does, on every default f32 case.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "validate/executed/account.h"
#include "validate/executed/effect_table.h"

namespace flopmeter {
namespace {

// MACs: the form of a count does not change beyond.
#ifdef __SANITIZE_ADDRESS__
constexpr std::int64_t largest = 300'000;
#else
constexpr std::int64_t largest = 20'000'000;
#endif

struct Tally {
  int counted = 0;
  int exact = 0;
};

bool uses_avx512(const Account& account) {
  return account.executed.implementation.find("avx512") != std::string::npos;
}

bool every_layer(std::string_view) { return true; }

Tally tally(Pass pass, bool& avx512, bool (*wanted)(std::string_view) = every_layer) {
  Tally sum;
  for (const AnyLayer& layer : layers()) {
    if (!layer.has(pass) || !wanted(layer.name)) continue;
    for (const Problem& problem : default_problems(layer)) {
      if (problem.formula(pass).dense.macs > largest) continue;
      const Account result = account({problem, pass, "onednn", Dtype::f32});
      if (!result.executed.counted()) continue;
      avx512 = avx512 || uses_avx512(result);
      ++sum.counted;
      sum.exact += result.explanation->exact() ? 1 : 0;
    }
  }
  return sum;
}

struct Bound {
  Pass pass;
  double share;
};

class ExplainedCases : public testing::TestWithParam<Bound> {};

TEST_P(ExplainedCases, AreAtLeast) {
  bool avx512 = false;
  const Tally sum = tally(GetParam().pass, avx512);
  if (!avx512) GTEST_SKIP() << "the table is that of AVX-512 code";
  EXPECT_GE(sum.exact, GetParam().share * sum.counted) << sum.exact << " of " << sum.counted;
}

// Layers of which each MAC of the backward passes is accounted for.
bool convolves_or_recurs_or_attends(std::string_view layer) {
  constexpr std::array others{"rnn", "lstm", "gru", "sdpa", "attention", "depthwise_separable"};
  return layer.starts_with("conv") || std::ranges::find(others, layer) != others.end();
}

TEST(Explained, EveryBackwardCaseOfConvolutionsRecurrenceAndAttention) {
  for (const Pass pass : {Pass::backward_data, Pass::backward_weights}) {
    bool avx512 = false;
    const Tally sum = tally(pass, avx512, convolves_or_recurs_or_attends);
    if (!avx512) GTEST_SKIP() << "the table is that of AVX-512 code";
    EXPECT_EQ(sum.exact, sum.counted) << to_string(pass);
  }
}

INSTANTIATE_TEST_SUITE_P(Passes, ExplainedCases,
                         testing::Values(Bound{Pass::forward, 0.96},
                                         Bound{Pass::backward_data, 0.9},
                                         Bound{Pass::backward_weights, 0.84}),
                         [](const auto& test) { return std::string(to_string(test.param.pass)); });

TEST(Explained, EveryRowIsOfKnownLayers) {
  for (const EffectRow& row : effect_table()) {
    EXPECT_FALSE(row.effect.name().empty());
    for (const std::string& layer : row.layers) EXPECT_NO_THROW(find_layer(layer)) << layer;
  }
}

// The published example: 3 -> 10 channels at 28 x 28.
TEST(Explained, NamesItsFactors) {
  const Problem problem = parse_problem(find_layer("conv2d"), "mb1ic3ih28oc10oh28kh3ph1");
  const Account result = account({problem, Pass::forward, "onednn", Dtype::f32});
  if (!result.executed.counted() || !uses_avx512(result)) GTEST_SKIP() << "AVX-512 code only";
  EXPECT_EQ(to_string(*result.explanation),
            "1.5247 = 0.9529 in-bounds taps x 1.6000 output channels 10 -> 16");
}

}  // namespace
}  // namespace flopmeter
