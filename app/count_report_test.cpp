#include "app/count_report.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

using testing::HasSubstr;
using testing::Not;

CountReport count(std::string_view layer, std::string_view shape, std::int64_t limit = 1'000'000) {
  return count_problem(parse_problem(find_layer(layer), shape), Pass::forward, Dtype::f32, limit);
}

TEST(Count, JsonHasTheDocumentedKeys) {
  const nlohmann::json json = to_json(count("conv2d", "mb1ic2ih5oc3oh5kh3ph1"));
  EXPECT_EQ(json["case"], "conv2d/forward/reference/f32/mb1ic2ih5oc3oh5kh3ph1");
  EXPECT_EQ(json["parameters"], 3 * 18 + 3);
  EXPECT_EQ(json["bytes"], 4 * (50 + 54 + 3 + 75));
  EXPECT_EQ(json["formula"]["dense"]["macs"], 75 * 18);
  EXPECT_EQ(json["formula"]["in_bounds"]["multiplies"], 3 * 2 * 13 * 13);
  EXPECT_EQ(json["counted"]["reference"]["adds"], 3 * 2 * 13 * 13);
  EXPECT_TRUE(json["counted"].contains("eigen"));
  EXPECT_TRUE(json["unavailable"].contains("onednn"));
  EXPECT_EQ(json["conventions"]["dense"]["flop2"], 2 * 75 * 18);
  const nlohmann::json& executed = json["executed"];
  EXPECT_TRUE(executed.contains("reference") && executed.contains("eigen") &&
              executed.contains("onednn"));
  if (executed::why_unavailable().empty()) {
    EXPECT_GE(executed["reference"]["active"]["multiplies"], 3 * 2 * 13 * 13);
    EXPECT_EQ(executed["reference"]["disagreement"], "");
    EXPECT_FALSE(executed["reference"]["functions"].empty());
  }
}

TEST(Count, TextNamesEveryConvention) {
  const std::string text = to_text(count("linear", "mb32ic128oc64"));
  EXPECT_THAT(text, HasSubstr("FLOPs (exact)"));
  EXPECT_THAT(text, HasSubstr("262,144"));
}

// fvcore's flops are MACs; the counted number beside them has the padding, as fvcore does.
TEST(Count, PublishedCountersStandBesideTheReference) {
  const Problem problem = parse_problem(find_layer("conv2d"), "mb1ic2ih5oc3oh5kh3ph1");
  const CountReport report = count_problem(problem, Pass::forward, Dtype::f32, 1'000'000,
                                           select_conventions({"mac", "fvcore"}));
  EXPECT_EQ(report.conventions.size(), 1);
  ASSERT_EQ(report.published.size(), 2);
  EXPECT_EQ(report.published[0].printed.value, 75 * 18);
  EXPECT_EQ(report.published[0].comparison.dense, 75 * 18);
  EXPECT_EQ(report.published[0].comparison.in_bounds, 3 * 2 * 13 * 13);
  EXPECT_THAT(to_text(report), HasSubstr("exact, counted dense"));
}

// Integer work is in MACs and operations.
TEST(Count, IntegersHaveNoFlops) {
  const Problem problem = parse_problem(find_layer("linear"), "mb4ic5oc6");
  const std::string text = to_text(count_problem(problem, Pass::forward, Dtype::s8, 1'000'000));
  EXPECT_THAT(text, HasSubstr("  operations (flop2)                 240"));
  EXPECT_THAT(text, Not(HasSubstr("FLOPs (")));
}

// Prevents two numbers that read as one.
TEST(Count, LargeNumbersStandApart) {
  const CountReport report = count("linear", "mb100000ic100000oc100000bias0");
  EXPECT_THAT(to_text(report), HasSubstr(" 1,000,000,000,000,000  1,000,000,000,000,000\n"));
}

TEST(Count, BeyondTheLimitOnlyTheFormula) {
  const CountReport report = count("linear", "mb32ic512oc1000");
  EXPECT_EQ(report.formula.dense.macs, 16384000);
  EXPECT_FALSE(report.counted[0].counts.has_value());
  EXPECT_THAT(report.counted[0].reason, HasSubstr("--limit"));
  EXPECT_THAT(report.executed[0].executed.problem, HasSubstr("--limit"));
}

// Prevents a library that has nothing for a layer from being called a binary one.
TEST(Count, SaysWhatABackendDoesNotHave) {
  const CountReport report = count("cumsum", "mb2n3");
  ASSERT_EQ(report.counted[1].name, "eigen");
  if (executed::why_unavailable().empty()) {
    EXPECT_EQ(report.counted[1].reason, "unavailable: Eigen's core has no cumulative sum");
  }
  EXPECT_EQ(count("linear", "mb2ic3oc4").counted[2].reason,
            "none of its code runs on a counting scalar");
}

TEST(Count, OverflowOfAConventionIsReported) {
  // 2^62 MACs fit, twice as many do not.
  EXPECT_THROW(count("linear", "mb2147483648ic2147483648oc1"), CountOverflow);
}

}  // namespace
}  // namespace flopmeter
