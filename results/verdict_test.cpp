#include "results/verdict.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "results/json.h"
#include "results/read_results.h"
#include "results/result_file.h"
#include "results/temporary_directory.h"

namespace flopmeter {
namespace {

FormulaRow refuted_formula() {
  return {.layer = "conv2d",
          .pass = "forward",
          .cases = 408,
          .agree = 407,
          .verdict = "refuted",
          .counterexample = "conv2d/forward/eigen/f32/mb1: multiplies: 7 stated, 8 counted"};
}

ClaimRow misprint() {
  return {.id = "S0-linear-params",
          .guide = "S0",
          .statement = "params = in*out + out",
          .formula = "exact",
          .numbers = "misprinted",
          .verdict = "misprinted",
          .evidence = "stated 51300, measured 513000"};
}

// Prevents a key that is written but not read, or under another name.
TEST(VerdictJson, LinesComeBackUnchanged) {
  const std::string formula = formula_line(refuted_formula(), "00ff");
  EXPECT_EQ(formula,
            R"({"type":"formula","environment":"00ff","layer":"conv2d","pass":"forward",)"
            R"("cases":408,"agree":407,"verdict":"refuted",)"
            R"("counterexample":"conv2d/forward/eigen/f32/mb1: multiplies: 7 stated, 8 counted"})"
            "\n");
  EXPECT_EQ(formula_line(formula_from_json(Json::parse(formula)), "00ff"), formula);
  const std::string claim = claim_line(misprint(), "00ff");
  EXPECT_EQ(claim_line(claim_from_json(Json::parse(claim)), "00ff"), claim);
  EXPECT_EQ(to_json(misprint()).at("evidence"), "stated 51300, measured 513000");
}

TEST(VerdictJson, RefusesOtherTypesAndNamesTheKey) {
  EXPECT_THROW(formula_from_json(Json::parse(R"({"cases":1.5})")), std::invalid_argument);
  EXPECT_THROW(claim_from_json(Json::parse(R"({"id":7})")), std::invalid_argument);
}

// Prevents verdicts that a run writes and a report cannot find.
TEST(VerdictFile, AppendedRowsAreRead) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "run.jsonl";
  const Environment environment;
  {
    ResultFile file(path, environment, false);
    file.append(refuted_formula());
    file.append(misprint());
  }
  const StoredResults stored = read_results(path);
  ASSERT_EQ(stored.formulas.size(), 1U);
  ASSERT_EQ(stored.claims.size(), 1U);
  EXPECT_EQ(stored.formulas[0].environment, fingerprint(environment));
  EXPECT_EQ(to_json(stored.formulas[0].row), to_json(refuted_formula()));
  EXPECT_EQ(to_json(stored.claims[0].row), to_json(misprint()));
}

// Prevents a report that counts the same claims in other words than the run that judged them.
TEST(ClaimSummary, CountsWords) {
  const std::vector<ClaimRow> rows{misprint(),
                                   {.formula = "exact under conditions", .verdict = "exact when"},
                                   {.formula = "refuted", .numbers = "match"},
                                   {.verdict = "definition"}};
  EXPECT_EQ(claim_summary(rows),
            "4 claims. Formulas: 1 exact, 1 exact under conditions, 0 approximate, 1 refuted. "
            "Claims with worked numbers: 1 match, 1 misprinted.");
  EXPECT_THAT(claim_summary(std::vector<ClaimRow>{{.verdict = "exact when g = 1"}}),
              testing::AllOf(testing::HasSubstr("1 claim."),
                             testing::HasSubstr("1 of an older version's file")));
}

}  // namespace
}  // namespace flopmeter
