#include "validate/executed/effects.h"

#include <gmock/gmock.h>

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

TEST(Explanation, WithoutAFormulaThereIsNoRatio) {
  EXPECT_EQ(to_string(Explanation{.quantity = "operations", .executed = 5, .unexplained = 5}),
            "formula 0, executed 5, unexplained: +5 operations");
  EXPECT_EQ(to_string(Explanation{.quantity = "operations"}), "formula 0, executed 0");
}

}  // namespace
}  // namespace flopmeter
