// The engine on planted claims, and on the project's own file.
#include "embedded/claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "kernels/bad_input.h"
#include "validate/claims/report.h"

namespace flopmeter::claims {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// The claim of a formula in the layer's own variables.
Claim claim_of(const std::string& layer, const std::string& quantity, const std::string& formula) {
  Claim claim;
  claim.id = "planted";
  claim.layer = layer;
  claim.quantity = quantity;
  claim.relation = "equals";
  claim.formula = formula;
  return claim;
}

Sweeps& sweeps() {
  static Sweeps all;
  return all;
}

std::string verdict(const Claim& claim) { return judge(claim, sweeps()).verdict(); }

std::string complaint(const Claim& claim) {
  try {
    judge(claim, sweeps());
  } catch (const BadInput& error) {
    return error.what();
  }
  return "no complaint";
}

TEST(PlantedClaim, RightOneIsExact) {
  EXPECT_EQ(verdict(claim_of("linear", "macs", "mb*features*oc")), "exact");
  EXPECT_EQ(verdict(claim_of("linear", "flops", "mb*oc*(2*features - 1 + bias)")),
            "exact (convention exact)");
}

TEST(PlantedClaim, DenseFormulaIsExactWithoutPadding) {
  const Claim claim = claim_of("conv2d", "macs", "mb*oc*oh*ow*kh*kw*ic/g");
  EXPECT_EQ(verdict(claim), "exact when no padding");
  EXPECT_THAT(judge(claim, sweeps()).evidence(),
              HasSubstr("dense (padding computed as zeros): exact on all"));
}

TEST(PlantedClaim, BiasIsFound) {
  EXPECT_EQ(verdict(claim_of("linear", "params", "features*oc + oc")), "exact when bias = 1");
  EXPECT_EQ(verdict(claim_of("linear", "params", "features*oc")), "exact when bias = 0");
  EXPECT_EQ(verdict(claim_of("linear", "adds", "mb*features*oc")), "exact when bias = 1");
}

TEST(PlantedClaim, ConditionsAreCombined) {
  EXPECT_EQ(verdict(claim_of("conv2d", "macs", "oc*oh*ow*kh^2*ic")),
            "exact when mb = 1 and g = 1 and square kernel and no padding");
  EXPECT_EQ(verdict(claim_of("conv2d", "macs", "mb*oc*ih*iw*kh*kw*ic/g")),
            "exact when 1x1 kernel and stride 1");
}

// A same-size output does not fix the padding of a dilated kernel: taking the one for the other was
// what a sweep did that reached same-size outputs in one way only.
TEST(PlantedClaim, OutputSizeNeedsBothConditions) {
  Claim claim = claim_of("conv2d", "output_size", "floor((in + 2*p - k)/s) + 1");
  claim.symbols = {
      {"in", {"ih", "iw"}}, {"p", {"ph", "pw"}}, {"k", {"kh", "kw"}}, {"s", {"sh", "sw"}}};
  EXPECT_EQ(verdict(claim), "exact when no dilation and the same padding on both sides");
}

TEST(PlantedClaim, WrongOneIsRefutedWithTheSmallestCounterexample) {
  EXPECT_EQ(verdict(claim_of("linear", "macs", "2*mb*features*oc")),
            "refuted (counterexample mb1ic1oc1: formula gives 2, measured 1)");
  EXPECT_EQ(verdict(claim_of("conv2d", "macs", "oc^2*kh*kw*oh*ow")),
            "refuted (counterexample mb1ic1ih1oc2oh1kh1ph0: formula gives 4, measured 2)");
}

TEST(PlantedClaim, NearlyRightOneIsApproximate) {
  EXPECT_EQ(verdict(claim_of("linear", "macs", "1.03*mb*features*oc")),
            "approximate (max deviation 3 %)");
}

TEST(PlantedClaim, AboutTwoFlopsAMacIsExactWithBiasAndNearWithout) {
  Claim claim = claim_of("any", "flops", "2*macs");
  claim.relation = "approximately";
  claim.on = {"linear", "conv2d"};
  EXPECT_EQ(verdict(claim),
            "exact when bias = 1; approximate (max deviation 6.67 %) when 8 or more "
            "MACs an output (convention exact)");
}

TEST(PlantedClaim, NamesTheConventionThatTheFormulaFollows) {
  EXPECT_EQ(verdict(claim_of("linear", "flops", "2*mb*features*oc")), "exact (convention flop2)");
  EXPECT_EQ(verdict(claim_of("linear", "flops", "mb*oc*(2*features - 1)")),
            "exact when bias = 0 (convention exact)");
}

TEST(PlantedNumber, MatchesOrIsMisprinted) {
  Claim claim = claim_of("linear", "macs", "I*O");
  claim.symbols = {{"I", {"ic"}}, {"O", {"oc"}}};
  claim.examples = {{{{"I", 10}, {"O", 20}}, 200, ""}, {{{"I", 20}, {"O", 15}}, 301, ""}};
  const Judgement judgement = judge(claim, sweeps());
  EXPECT_EQ(judgement.formula_verdict(), "exact when mb = 1 and flat input");
  EXPECT_EQ(judgement.examples[0].verdict(), "matches");
  EXPECT_EQ(judgement.example_verdict(), "misprinted (the formula gives 300)");
}

// The guide's number may be right where its formula is not, and the other way round.
TEST(PlantedNumber, TellsAWrongFormulaFromAWrongNumber) {
  Claim claim = claim_of("linear", "params", "I*O");
  claim.shape = "mb1ic{I}oc{O}";
  claim.symbols = {{"I", {"features"}}, {"O", {"oc"}}};
  claim.examples = {{{{"I", 10}, {"O", 20}}, 220, ""}};
  EXPECT_EQ(judge(claim, sweeps()).example_verdict(), "matches (but the formula gives 200)");
  claim.examples[0].states = 200;
  EXPECT_EQ(judge(claim, sweeps()).example_verdict(), "misprinted (measured 220)");
  claim.examples[0].states = 7;
  EXPECT_EQ(judge(claim, sweeps()).example_verdict(),
            "misprinted (measured 220, the formula gives 200)");
}

TEST(PlantedNumber, TooLargeToRunIsTakenFromTheClosedForm) {
  Claim claim = claim_of("linear", "macs", "");
  claim.shape = "mb1ic100000oc100000";
  claim.examples = {{{}, 10'000'000'000, ""}};
  const Judgement judgement = judge(claim, sweeps());
  EXPECT_EQ(judgement.verdict(), "matches");
  EXPECT_THAT(judgement.evidence(), HasSubstr("too large to run"));
}

TEST(PlantedModel, IsHeldAgainstItsOwnSweep) {
  Claim claim = claim_of("mlp", "params", "a*b + b*c");
  claim.layers = {{"linear", "mb1ic{a}oc{b}bias{bias=1}"}, {"linear", "mb1ic{b}oc{c}bias{bias=1}"}};
  EXPECT_EQ(verdict(claim), "exact when bias = 0");
}

TEST(BadClaim, IsNamedWithItsReason) {
  EXPECT_THAT(complaint(claim_of("linear", "macs", "ic*Q")),
              AllOf(HasSubstr("claim planted"), HasSubstr("'Q'"), HasSubstr("features")));
  EXPECT_THAT(complaint(claim_of("linear", "macs", "ic*")), HasSubstr("formula 'ic*'"));
  EXPECT_THAT(complaint(claim_of("linear", "speed", "ic")), HasSubstr("quantity 'speed'"));
  EXPECT_THAT(complaint(claim_of("linear", "output_size", "ic")), HasSubstr("output_size"));
  EXPECT_THAT(complaint(claim_of("linear", "macs", "")), HasSubstr("formula or an example"));
  Claim misspelt = claim_of("linear", "macs", "ic*oc");
  misspelt.shape = "mb1ic3oc4";
  misspelt.examples = {{{{"N", 3}}, 12, ""}};
  EXPECT_THAT(complaint(misspelt), HasSubstr("'N'"));
}

TEST(BadClaim, OfAnUnknownLayerIsNotMeasured) {
  EXPECT_EQ(verdict(claim_of("capsule", "macs", "1")),
            "not measured (flopmeter has no layer 'capsule')");
}

TEST(ReadClaims, RefusesBadFilesInOneLine) {
  for (const char* text :
       {"nonsense", "[]", "{}", R"({"claims": [{"id": "a"}]})", R"({"claims": [3]})",
        R"({"claims": [{"id": "a", "layer": "linear", "quantity": 3}]})",
        R"({"claims": [{"id": "a", "layer": "x", "quantity": "macs", "wat": 1}]})",
        R"({"claims": [{"id": "a", "layer": "x", "quantity": "macs",
                                           "examples": [{"states": 1.5}]}]})"}) {
    try {
      read_claims(text, "mine.json");
      ADD_FAILURE() << text;
    } catch (const BadInput& error) {
      EXPECT_THAT(error.what(), StartsWith("mine.json: ")) << text;
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << text;
    }
  }
}

/// The project's own file.
class OwnClaims : public testing::Test {
 protected:
  static const Claims& file() {
    static const Claims read = read_claims(embedded::claims(), "claims.json");
    return read;
  }
  static const Report& report() {
    static const Report judged{file().sources, judge_all(file().claims)};
    return judged;
  }
  /// Only this one is judged: all of them take the sanitizers a while.
  static Judgement of(std::string_view id) {
    return judge(*std::ranges::find(file().claims, id, &Claim::id), sweeps());
  }
};

TEST_F(OwnClaims, MisprintsAreFound) {
  EXPECT_EQ(of("S0-linear-params").verdict(),
            "exact when bias = 1; misprinted (the formula gives 513000)");
  EXPECT_EQ(of("S3-conv-muls").example_verdict(), "misprinted (the formula gives 327680)");
  EXPECT_EQ(of("S2-conv-params").verdict(), "misprinted (the formula gives 896)");
}

TEST_F(OwnClaims, EveryOtherNumberMatches) {
  std::vector<std::string> misprinted;
  for (const Judgement& judgement : report().judgements) {
    if (judgement.shown_example() != nullptr && !judgement.shown_example()->matches()) {
      misprinted.push_back(judgement.claim->id);
    }
  }
  EXPECT_THAT(misprinted, ElementsAre("S0-linear-params", "S2-conv-params", "S3-conv-muls",
                                      "S3-batchnorm-muls", "S3-model-muls"));
}

// Three products an element of 32 x 64 x 4: the square, the normalised, the scaled one; the guide
// leaves out the second.
TEST_F(OwnClaims, NormalisingMultipliesToo) {
  EXPECT_EQ(of("S3-batchnorm-muls").examples.front().measured(), 3 * 8192);
  EXPECT_EQ(of("S3-model-muls").examples.front().measured(), 327680 + 3 * 8192);
}

// Each product has two gradients: backward alone is twice the forward pass, all together three
// times; only attention's softmax adds to that.
TEST_F(OwnClaims, TrainingIsJudgedInBothReadings) {
  const Judgement training = of("S0-training-cost");
  EXPECT_THAT(training.formula_verdict(), testing::EndsWith("backward alone"));
  EXPECT_EQ(training.findings.front().held, Held::refuted);
  EXPECT_THAT(training.findings.front().counterexample->shape, testing::StartsWith("sdpa"));
}

TEST_F(OwnClaims, PaddedNumbersMatchWithThePaddingCounted) {
  const Worked worked = of("S4-conv-macs").examples.front();
  EXPECT_EQ(worked.verdict(), "matches");
  EXPECT_EQ(worked.measures[worked.chosen].reading, PaddingReading::dense);
  EXPECT_THAT(worked.values, ElementsAre(107584, 112896));
}

TEST_F(OwnClaims, ScopesAreFoundByMeasuring) {
  const std::map<std::string, std::string> expected{
      {"S0-conv2d-macs", "exact when mb = 1 and g = 1 and no padding"},
      {"S0-depthwise-macs", "exact when mb = 1 and depthwise and no padding"},
      {"S0-grouped-conv-params", "exact when bias = 1"},
      {"S1-pointwise-flops",
       "exact when mb = 1 and g = 1 and 1x1 kernel and no padding and bias = 0 (convention exact)"},
      {"S2-conv-flops",
       "exact when mb = 1 and g = 1 and square kernel and no padding (convention flop2)"},
      {"S3-output-size", "exact when no dilation and no padding"},
      {"S4-batch-scaling", "exact"}};
  for (const auto& [id, verdict] : expected) {
    EXPECT_EQ(of(id).formula_verdict(), verdict) << id;
  }
}

TEST_F(OwnClaims, JsonHasWhatReadersRelyOn) {
  const auto json = nlohmann::json::parse(to_json(report()));
  ASSERT_TRUE(json.is_array());
  ASSERT_EQ(json.size(), file().claims.size());
  for (const auto& row : json) {
    EXPECT_NE(row["verdict"], "") << row.dump();
    for (const char* key : {"id", "verdict", "measured", "stated", "evidence", "examples"}) {
      EXPECT_TRUE(row.contains(key)) << row.dump();
    }
    if (row["id"] == "S2-mlp-flops") {
      EXPECT_TRUE(row["measured"].is_null()) << "no example, no number";
    }
    if (row["id"] == "S0-linear-params") {
      EXPECT_EQ(row["measured"], 513000);
      EXPECT_EQ(row["stated"], 51300);
    }
  }
}

TEST_F(OwnClaims, JudgingTwiceSaysTheSame) {
  EXPECT_EQ(to_text(report()), to_text({file().sources, judge_all(file().claims)}));
}

TEST_F(OwnClaims, ThePageIsUpToDate) {
  std::ifstream page("docs/claims.md");
  std::ostringstream text;
  text << page.rdbuf();
  EXPECT_EQ(text.str(), to_markdown(report()))
      << "run: flopmeter claims --markdown > docs/claims.md";
}

}  // namespace
}  // namespace flopmeter::claims
