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

TEST(AttentionShape, RefusesWithTheReason) {
  EXPECT_THAT([] { parse("mb1l4e10h3"); }, ThrowsMessage<BadInput>(HasSubstr("must divide e 10")));
  EXPECT_THAT([] { parse("mb1l4s9e9h3"); }, ThrowsMessage<BadInput>(HasSubstr("cross1")));
  EXPECT_THAT([] { parse("mb1l4s9e9h3cross1past2"); },
              ThrowsMessage<BadInput>(HasSubstr("neither causal nor")));
}

}  // namespace
}  // namespace flopmeter::attention
