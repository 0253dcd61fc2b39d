#include "kernels/attention/attention.h"

#include <gmock/gmock.h>

namespace flopmeter::attention {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }
Formula formula(std::string_view text, Pass pass) { return Layer::formula(parse(text), pass); }

// 32 samples of 16 tokens, 512 features: four projections 4 * 512 * 512^2 = 536,870,912, scores and
// values 2 * 32 * 16^2 * 512 = 8,388,608; 4 * (512^2 + 512) parameters.
TEST(AttentionFormula, IsProjectionsScoresAndValues) {
  const Formula forward = formula("mb32l16e512h8", Pass::forward);
  EXPECT_EQ(forward.dense.macs, 545'259'520);
  EXPECT_EQ(forward.in_bounds, forward.dense);
  EXPECT_EQ(forward.parameters, 1'050'624);
}

// Query i of 16 sees i + 1 keys: 136 pairs instead of 256.
TEST(AttentionFormula, CausalIsHalfOfTheScores) {
  const Formula causal = formula("mb1l16e64h4causal1", Pass::forward);
  EXPECT_EQ(causal.dense.macs - causal.in_bounds.macs, 2 * 64 * (256 - 136));
}

// One token behind 1023: its projections, and its scores with 1024 keys.
TEST(AttentionFormula, DecodingProjectsOnlyTheNewToken) {
  const Formula decode = formula("mb1l1past1023e64h4", Pass::forward);
  EXPECT_EQ(decode.dense.macs, 4 * 64 * 64 + 2 * 1024 * 64);
}

// Keys and values have a quarter of the heads: 64 x 16 each.
TEST(AttentionFormula, GroupedQueriesHaveSmallerKeys) {
  const Formula grouped = formula("mb1l2e64h4hkv1bias0", Pass::forward);
  EXPECT_EQ(grouped.parameters, 2 * 64 * 64 + 2 * 64 * 16);
  EXPECT_EQ(grouped.dense.macs, 2 * grouped.parameters + 2 * 4 * 64);
}

// Each projection costs its forward MACs once more for its input and once for its weights; of the
// core each of the two products has two gradients, and the softmax's sum one MAC a score.
TEST(AttentionFormula, BackwardIsTwiceTheForward) {
  const Formula forward = formula("mb2l8e32h2", Pass::forward);
  const Formula data = formula("mb2l8e32h2", Pass::backward_data);
  const Formula weights = formula("mb2l8e32h2", Pass::backward_weights);
  const std::int64_t scores = 2 * 2 * 8 * 8;
  EXPECT_EQ(data.dense.macs + weights.dense.macs, 2 * forward.dense.macs + scores);
}

// Heads of 128 where e / h is 80 (Qwen3-4B); six heads of 64 where six do not divide 512
// (Flan-T5-small); one head of 2 on 10 tokens of 16 features, with 10 * 16 * 2 * 4 MACs of
// projections and 2 * 10 * 10 * 2 of scores and values.
TEST(AttentionFormula, HeadsHaveASizeOfTheirOwn) {
  const Formula qwen = formula("mb1l16e2560h32hkv8d128causal1bias0", Pass::forward);
  EXPECT_EQ(qwen.dense.macs, 421'527'552);
  EXPECT_EQ(qwen.parameters, 26'214'400);
  EXPECT_EQ(formula("mb1l16e512h6d64bias0", Pass::forward).dense.macs, 12'779'520);
  EXPECT_EQ(formula("mb1l10e16h1d2bias0", Pass::forward).dense.macs, 1'680);
}

// Values of 128 to keys of 192: scores 16 * 16 * 192, values 16 * 16 * 128 a head.
TEST(AttentionFormula, ValuesHaveASizeOfTheirOwn) {
  const Formula apart = formula("mb1l16e64h2d192dv128bias0", Pass::forward);
  EXPECT_EQ(apart.parameters, 64 * 2 * (192 + 192 + 128) + 2 * 128 * 64);
  EXPECT_EQ(apart.dense.macs, 16 * apart.parameters + 2 * 16 * 16 * (192 + 128));
}

// As nn.MultiheadAttention(12, 3, kdim=5, vdim=7) has them.
TEST(AttentionFormula, KeysAndValuesAreOfOtherFeatures) {
  EXPECT_EQ(formula("mb1l4s6e12h3kdim5vdim7cross1", Pass::forward).parameters,
            12 * 12 + 12 * 5 + 12 * 7 + 12 * 12 + 4 * 12);
  const Shape shape = parse("mb1l4e12h3kdim5vdim7");
  const auto operands = Layer::operands(shape, Pass::forward);
  const auto dims = [&](std::string_view name) {
    return std::ranges::find(operands, name, &Operand::name)->dims;
  };
  EXPECT_THAT(dims("src_k"), testing::ElementsAre(4, 5));
  EXPECT_THAT(dims("src_v"), testing::ElementsAre(4, 7));
}

// 3 + 3 tokens, a window of 2: 2 pairs each.
TEST(AttentionFormula, AWindowReachesIntoTheCache) {
  const Formula windowed = formula("mb1l3past3e8h2causal1window2bias0", Pass::forward);
  EXPECT_EQ(windowed.dense.macs - windowed.in_bounds.macs, 2 * 8 * (18 - 6));
}

// Two scales of a head's size, and one number a head.
TEST(AttentionFormula, NormalisedKeysAndSinksAreParameters) {
  EXPECT_EQ(formula("mb1l2e64h4bias0qknorm1sink1", Pass::forward).parameters,
            4 * 64 * 64 + 2 * 16 + 4);
  EXPECT_EQ(formula("mb1l2e64h4obias0", Pass::forward).parameters, 4 * 64 * 64 + 3 * 64);
}

TEST(AttentionShape, PrintsWhatWasLeftOut) {
  for (const std::string_view text :
       {"mb1l4e12h3", "mb1l4e12h3d5dv6", "mb1l2e12h3past3causal1bottomright1",
        "mb1l2e12h3past3causal1topleft1window2", "mb1l4s6e12h3kdim5vdim7cross1bias0obias1"}) {
    EXPECT_EQ(print_shape<Layer>(parse(text)), text);
  }
}

TEST(AttentionShape, RefusesWithTheReason) {
  EXPECT_THAT([] { parse("mb1l4e10h3"); }, ThrowsMessage<BadInput>(HasSubstr("must divide e 10")));
  EXPECT_THAT([] { parse("mb1l4s9e9h3"); }, ThrowsMessage<BadInput>(HasSubstr("cross1")));
  EXPECT_THAT([] { parse("mb1l4s9e9h3cross1past2"); },
              ThrowsMessage<BadInput>(HasSubstr("neither causal nor")));
  EXPECT_THAT([] { parse("mb1l4e9h3topleft1"); },
              ThrowsMessage<BadInput>(HasSubstr("one of them with causal1 or a window")));
}

}  // namespace
}  // namespace flopmeter::attention
