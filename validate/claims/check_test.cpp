#include "validate/claims/check.h"

#include <gmock/gmock.h>

#include "kernels/bad_input.h"

namespace flopmeter::claims {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

Check check_on(std::string_view layer, std::string_view statement,
               std::vector<Pass> passes = {Pass::forward}) {
  return check(parse_statement(statement),
               {.layer = &find_layer(layer), .passes = std::move(passes)});
}

std::string verdict(const Check& check) { return check.answers[check.chosen].verdict(); }

std::string complaint(std::string_view layer, std::string_view statement) {
  try {
    check_on(layer, statement);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no complaint";
}

TEST(Check, RightFormulaHoldsOnAllShapes) {
  const Check linear = check_on("linear", "macs = mb*features*oc");
  EXPECT_TRUE(linear.holds());
  EXPECT_THAT(verdict(linear), StartsWith("holds on all"));
  EXPECT_TRUE(check_on("matmul", "adds = batch*m*n*(k - 1 + bias)").holds());
  EXPECT_TRUE(check_on("linear", "params = oc*(features + bias)").holds());
}

// The counterexample cannot be smaller: two groups of one channel, one output, no bias.
TEST(Check, ConvolutionWithoutGroupsHasTheSmallestCounterexample) {
  const Check conv = check_on("conv2d", "macs = mb*ic*oc*oh*ow*kh*kw");
  const Answer& dense = conv.answers[conv.chosen];
  EXPECT_FALSE(conv.holds());
  EXPECT_EQ(dense.finding.measure.reading, PaddingReading::dense);
  EXPECT_THAT(dense.verdict(), StartsWith("holds when g = 1 ("));
  ASSERT_TRUE(dense.counterexample);
  EXPECT_EQ(dense.counterexample->shape, "g2mb1ic2ih1oc2oh1kh1ph0bias0");
  EXPECT_EQ(dense.counterexample->formula, 4);
  EXPECT_EQ(dense.counterexample->measured, 2);
  EXPECT_EQ(signed_deviation(*dense.counterexample), 1);
}

TEST(Check, PaddingIsReadBothWaysUnlessTold) {
  const std::string_view formula = "macs = mb*ic*oc*oh*ow*kh*kw/g";
  const Check both = check_on("conv2d", formula);
  ASSERT_EQ(both.answers.size(), 2U);
  EXPECT_EQ(both.answers[0].verdict().find("holds when no padding"), 0U);
  EXPECT_TRUE(both.answers[1].holds());
  EXPECT_TRUE(both.holds());
  const Check one = check(parse_statement(formula),
                          {.layer = &find_layer("conv2d"), .reading = PaddingReading::in_bounds});
  EXPECT_EQ(one.answers.size(), 1U);
  EXPECT_FALSE(one.holds());
}

// Prevents a condition of two axes from being unknown to layers of one or three, whose right
// formula would then be called refuted.
TEST(Check, NoPaddingIsAConditionOfOneToThreeAxes) {
  for (const auto& [layer, formula] :
       {std::pair{"conv1d", "macs = mb*ic*oc*ow*kw/g"},
        {"conv3d", "macs = mb*ic*oc*od*oh*ow*kd*kh*kw/g"},
        {"conv_transpose3d", "macs = mb*ic*oc*id*ih*iw*kd*kh*kw/g"},
        {"max_pool", "comparisons = mb*ic*od*oh*ow*(kd*kh*kw - 1)"},
        {"depthwise_separable", "macs = mb*ic*oh*ow*(kh*kw + oc)"}}) {
    EXPECT_THAT(check_on(layer, formula).answers[0].verdict(),
                StartsWith("holds when no padding ("))
        << layer;
  }
}

TEST(Check, WrongEverywhereIsRefuted) {
  const Check wrong = check_on("linear", "macs = mb*features*oc + 1");
  EXPECT_EQ(verdict(wrong), "refuted");
  EXPECT_EQ(wrong.answers[0].counterexample->shape, "mb1ic1oc1bias0");
}

// One product a weight and sample in each pass.
TEST(Check, PassesAreSummed) {
  const std::vector<Pass> all(all_passes.begin(), all_passes.end());
  EXPECT_TRUE(check_on("linear", "macs = 3*mb*features*oc", all).holds());
  EXPECT_TRUE(check_on("linear", "flops(flop2) = 6*mb*features*oc", all).holds());
  EXPECT_TRUE(check_on("linear", "params = oc*(features + bias)", all).holds());
  EXPECT_TRUE(
      check_on("linear", "adds = (mb - 1)*oc*(features + bias)", {Pass::backward_weights}).holds());
}

TEST(Check, BytesFollowTheDtype) {
  const Statement bytes = parse_statement("bytes = 2*(ba*m*k + bb*k*n + batch*m*n + bias*n)");
  EXPECT_TRUE(check(bytes, {.layer = &find_layer("matmul"), .dtype = Dtype::bf16}).holds());
  EXPECT_FALSE(check(bytes, {.layer = &find_layer("matmul"), .dtype = Dtype::f32}).holds());
  const Statement integers = parse_statement("bytes = ba*m*k + bb*k*n + 4*(batch*m*n + bias*n)");
  EXPECT_TRUE(check(integers, {.layer = &find_layer("matmul"), .dtype = Dtype::s8}).holds());
}

TEST(Check, ApproximatelyMeansWithinAFewPercent) {
  EXPECT_TRUE(check_on("linear", "macs ~ 1.01*mb*features*oc").holds());
  const Check rough = check_on("linear", "flops ~ 2*macs");
  EXPECT_FALSE(rough.holds());
  EXPECT_THAT(verdict(rough), AllOf(StartsWith("holds within "), HasSubstr("MACs an output")));
}

TEST(Check, RefusesWhatItCannotRead) {
  EXPECT_THAT(complaint("linear", "mac = mb"), HasSubstr("unknown quantity 'mac': one of macs"));
  EXPECT_THAT(complaint("linear", "macs ="), HasSubstr("no formula behind the ="));
  EXPECT_THAT(complaint("linear", "macs = mb*oc2"), HasSubstr("unknown symbol 'oc2': known are"));
  EXPECT_THAT(complaint("linear", "macs(flop2) = mb"), HasSubstr("only flops take a convention"));
  EXPECT_THAT(complaint("linear", "flops(mine) = mb"), HasSubstr("unknown convention 'mine'"));
}

}  // namespace
}  // namespace flopmeter::claims
