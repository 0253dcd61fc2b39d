#include "validate/executed/effects.h"

#include <gmock/gmock.h>

#include <array>

#include "kernels/library_version.h"
#include "validate/executed/after_formula.h"

namespace flopmeter {
namespace {

TEST(Explanation, FactorsAndResidueAreText) {
  Explanation explanation{.quantity = "macs", .formula = 211680, .executed = 322752};
  explanation.factors = {{"in-bounds taps", "", 201720, 211680},
                         {"channel rounding", "output channels 10 -> 16", 16, 10}};
  EXPECT_EQ(to_string(explanation),
            "1.5247 = 0.9529 in-bounds taps x 1.6000 output channels 10 -> 16");
  explanation.unexplained = 123;
  EXPECT_EQ(to_string(explanation),
            "1.5247 = 0.9529 in-bounds taps x 1.6000 output channels 10 -> 16, "
            "unexplained: +123 MACs");
}

// Prevents a ratio of 1.0000 that hides a residue.
TEST(Explanation, ResidueBelowTheDigitsIsSaid) {
  EXPECT_EQ(
      to_string(Explanation{
          .quantity = "operations", .formula = 1'000'000, .executed = 999'999, .unexplained = -1}),
      "1.0000, unexplained: -1 operations");
}

/// linear with 1000 MACs, so many of them done in FMA and the others as a multiply and an add.
Executed mixed(std::int64_t fused) {
  Executed executed;
  executed.totals.add({executed::Operation::fma, executed::Element::f32, 8, 1, 0}, 1, fused, fused);
  for (const auto operation : {executed::Operation::multiply, executed::Operation::add}) {
    executed.totals.add({operation, executed::Element::f32, 8, 1, 0}, 1, 1000 - fused,
                        1000 - fused);
  }
  return executed;
}

// Prevents that work which is done without FMA reads as if it were missing: of code that mixes both
// the ratio is about products, and the share done as FMA is its own word.
TEST(Explanation, CodeThatMixesFmaWithMultipliesAndAddsIsHeldAgainstProducts) {
  const Case subject{parse_problem(find_layer("linear"), "mb10ic10oc10"), Pass::forward,
                     "reference", Dtype::f32};
  const Explanation all = explain(subject, mixed(1000));
  EXPECT_EQ(all.quantity, "macs");
  EXPECT_TRUE(all.exact());
  const Explanation some = explain(subject, mixed(110));
  EXPECT_EQ(some.quantity, "products");
  EXPECT_EQ(some.formula, 1000);
  EXPECT_EQ(some.executed, 1000);
  EXPECT_TRUE(some.exact());
  EXPECT_EQ(to_string(some), "1.0000 of the products");
  const Explanation none = explain(subject, mixed(0));
  EXPECT_EQ(none.quantity, "macs") << "without any FMA the products are the MACs";
  EXPECT_TRUE(none.exact());
}

/// Of a linear layer of 5 x 19 results on a CPU with registers of 16 numbers.
Executed done_by_brgemm(std::int64_t macs) {
  Executed executed;
  executed.implementation = "brgemm:avx512_core";
  executed.totals.add({executed::Operation::fma, executed::Element::f32, 16, 1, 0}, 1, macs, macs);
  return executed;
}

// Prevents arithmetic of a fused function from being explained where the function is not there, or twice.
TEST(Explanation, FunctionsOfTheResultAreEffectsOnTheirOwn) {
  const Case subject{parse_problem(find_layer("linear"), "mb5ic24oc19"), Pass::forward, "onednn",
                     Dtype::f32};
  if (!subject.problem.layer->offers("onednn")) {
    GTEST_SKIP() << "without oneDNN";
  }
  constexpr std::int64_t layer = 5L * 24 * 32;
  constexpr std::int64_t lanes = 5L * 32;
  // oneDNN 3 looks coefficients up.
  const int erf = library_version("onednn").starts_with("2.") ? 13 : 5;
  const std::array gelu{After{.layer = "gelu_erf"}};
  const std::array both{After{.layer = "scale", .alpha = 2}, After{.layer = "gelu_erf"}};
  EXPECT_TRUE(explain(subject, done_by_brgemm(layer)).exact());
  EXPECT_TRUE(explain(subject, done_by_brgemm(layer + erf * lanes), gelu).exact());
  EXPECT_TRUE(explain(subject, done_by_brgemm(layer + (erf + 1) * lanes), both).exact());
  EXPECT_EQ(explain(subject, done_by_brgemm(layer + erf * lanes)).unexplained, erf * lanes);
  EXPECT_EQ(explain(subject, done_by_brgemm(layer), gelu).unexplained, -erf * lanes);
  EXPECT_THAT(to_string(explain(subject, done_by_brgemm(layer + erf * lanes), gelu)),
              testing::HasSubstr(
                  fmt::format("erf of the results as a polynomial {} FMA in 160 lanes", erf)));
}

TEST(Explanation, TheFormulaHasWhatIsDoneToTheResult) {
  const Case subject{parse_problem(find_layer("linear"), "mb2ic3oc5"), Pass::forward, "reference",
                     Dtype::f32};
  const std::array all{After{.layer = "add"}, After{.layer = "relu"},
                       After{.layer = "scale", .alpha = 2}, After{.layer = "clip", .beta = 6}};
  EXPECT_EQ(formula_of_after(subject, all),
            (OpCounts{.multiplies = 10, .adds = 10, .comparisons = 30}));
}

// Prevents missing work from hiding behind the change of words.
TEST(Explanation, MissingProductsAreMissing) {
  const Case subject{parse_problem(find_layer("linear"), "mb10ic10oc11"), Pass::forward,
                     "reference", Dtype::f32};
  EXPECT_EQ(explain(subject, mixed(110)).unexplained, -100);
  EXPECT_EQ(explain(subject, mixed(1000)).unexplained, -100);
}

TEST(Explanation, WithoutAFormulaThereIsNoRatio) {
  EXPECT_EQ(to_string(Explanation{.quantity = "operations", .executed = 5, .unexplained = 5}),
            "formula 0, executed 5, unexplained: +5 operations");
  EXPECT_EQ(to_string(Explanation{.quantity = "operations"}), "formula 0, executed 0");
}

}  // namespace
}  // namespace flopmeter
