#include "kernels/sdpa/sdpa.h"

#include <gmock/gmock.h>

#include <array>
#include <cmath>

namespace flopmeter::sdpa {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// One head, d = 1: scores q*k = 0 and ln 3, so the probabilities are 1/4 and 3/4.
TEST(SdpaReference, WeighsValuesByTheSoftmaxOfScores) {
  const Shape shape = parse_shape<Layer>("mb1h1lq1lk2d1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  tensors["src_q"][0] = 1;
  std::ranges::copy(std::array{0.0, std::log(3.0)}, tensors["src_k"]);
  std::ranges::copy(std::array{8.0, 4.0}, tensors["src_v"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_NEAR(tensors["dst"][0], 8.0 / 4 + 4.0 * 3 / 4, 1e-14);
}

// The first of two queries sees one of two keys: its result is that key's value.
TEST(SdpaReference, CausalQueriesSeeNoLaterKeys) {
  const Shape shape = parse_shape<Layer>("mb1h1lq2d1causal1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{5.0, 5.0}, tensors["src_q"]);
  std::ranges::copy(std::array{1.0, 2.0}, tensors["src_k"]);
  std::ranges::copy(std::array{3.0, 9.0}, tensors["src_v"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_EQ(tensors["dst"][0], 3);
  EXPECT_GT(tensors["dst"][1], 3);
}

// 2 heads, 3 queries, 4 keys, d 5: 24 pairs. Scores 24*5 MACs and as many of values; 24 scalings;
// of each row of 4: 3 comparisons, 4 subtractions, 4 exponentials, 3 adds, 4 divides.
TEST(SdpaFormula, CountsEachKind) {
  const OpCounts counts = Layer::formula(parse_shape<Layer>("mb1h2lq3lk4d5"), Pass::forward).dense;
  EXPECT_EQ(counts.macs, 2 * 24 * 5);
  EXPECT_EQ(counts.multiplies, 2 * 24 * 5 + 24);
  EXPECT_EQ(counts.adds, 24 * 4 + 6 * 3 * 5 + 6 * (4 + 3));
  EXPECT_EQ(counts.exponentials, 24);
  EXPECT_EQ(counts.divides, 24);
  EXPECT_EQ(counts.comparisons, 6 * 3);
}

TEST(SdpaShape, RefusesWithTheReason) {
  EXPECT_THAT([] { parse_shape<Layer>("mb1h3hkv2lq1d1"); },
              ThrowsMessage<BadInput>(HasSubstr("hkv 2 must divide h 3")));
  EXPECT_THAT([] { parse_shape<Layer>("mb1h1lq3lk2d1causal1"); },
              ThrowsMessage<BadInput>(HasSubstr("causal, but of 3 queries only 2")));
}

}  // namespace
}  // namespace flopmeter::sdpa
