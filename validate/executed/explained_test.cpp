// The table of effects against what oneDNN's AVX-512 and AVX2 code does, on every default f32 case.
#include <gtest/gtest.h>

#include <algorithm>

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

bool uses(const Account& account, std::string_view isa) {
  return account.executed.implementation.find(isa) != std::string::npos;
}

bool uses_avx512(const Account& account) { return uses(account, "avx512"); }

/// Of 3 -> 10 channels at 28 x 28.
Account published_example() {
  const Problem problem = parse_problem(find_layer("conv2d"), "mb1ic3ih28oc10oh28kh3ph1");
  return account({problem, Pass::forward, "onednn", Dtype::f32});
}

/// Whether the table says anything of the layer, or it is made of others. What oneDNN executes for
/// others is printed as unexplained, and so said not to be known.
bool in_table(const AnyLayer& layer) {
  return layer.components != nullptr ||
         std::ranges::any_of(effect_table(), [&](const EffectRow& row) {
           return std::ranges::find(row.layers, layer.name) != row.layers.end();
         });
}

Tally tally(Pass pass) {
  Tally sum;
  for (const AnyLayer& layer : layers()) {
    if (!layer.has(pass) || !in_table(layer)) continue;
    for (const Problem& problem : default_problems(layer)) {
      if (problem.formula(pass).dense.macs > largest) continue;
      const Account result = account({problem, pass, "onednn", Dtype::f32});
      // Larger cases than those of every_case_test.cpp are among these.
      EXPECT_EQ(result.executed.disagreement, "") << result.subject.name();
      if (!result.executed.counted()) continue;
      ++sum.counted;
      sum.exact += result.explanation->exact() ? 1 : 0;
    }
  }
  return sum;
}

/// On a Xeon with AMX all were: oneDNN blocks by the sizes of caches, which other CPUs have others of.
class ExplainedCases : public testing::TestWithParam<Pass> {};

TEST_P(ExplainedCases, AreNearlyAll) {
  const Account example = published_example();
  if (!uses_avx512(example) && !uses(example, "avx2"))
    GTEST_SKIP() << "the table is that of AVX-512 and AVX2 code";
  const Tally sum = tally(GetParam());
  EXPECT_GE(sum.exact, 0.95 * sum.counted) << sum.exact << " of " << sum.counted;
}

INSTANTIATE_TEST_SUITE_P(Passes, ExplainedCases, testing::ValuesIn(all_passes),
                         [](const auto& test) { return std::string(to_string(test.param)); });

TEST(Explained, EveryRowIsOfKnownLayers) {
  for (const EffectRow& row : effect_table()) {
    EXPECT_FALSE(row.effect.name().empty());
    for (const std::string& layer : row.layers) EXPECT_NO_THROW(find_layer(layer)) << layer;
  }
}

TEST(Explained, NamesItsFactors) {
  const Account result = published_example();
  if (!result.executed.counted() || !uses_avx512(result)) GTEST_SKIP() << "AVX-512 code only";
  EXPECT_EQ(to_string(*result.explanation),
            "1.5247 = 0.9529 in-bounds taps x 1.6000 output channels 10 -> 16");
}

}  // namespace
}  // namespace flopmeter
