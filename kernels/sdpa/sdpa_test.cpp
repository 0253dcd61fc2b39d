#include "kernels/sdpa/sdpa.h"

#include <gmock/gmock.h>

#include <array>
#include <cmath>

namespace flopmeter::sdpa {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// As above with a sink of ln 4: 1 + 3 + 4 parts, of which the sink's has no value.
TEST(SdpaReference, ASinkTakesItsShare) {
  const Shape shape = parse_shape<Layer>("mb1h1lq1lk2d1sink1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  tensors["src_q"][0] = 1;
  std::ranges::copy(std::array{0.0, std::log(3.0)}, tensors["src_k"]);
  std::ranges::copy(std::array{8.0, 4.0}, tensors["src_v"]);
  tensors["sinks"][0] = std::log(4.0);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_NEAR(tensors["dst"][0], 8.0 / 8 + 4.0 * 3 / 8, 1e-14);
  EXPECT_EQ(Layer::formula(shape, Pass::forward).parameters, 1);
}

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

// A score of 1 is capped to 2 tanh(1/2); the other is 0 and stays.
TEST(SdpaReference, CapsScores) {
  const Shape shape = parse_shape<Layer>("mb1h1lq1lk2d1softcap2");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  tensors["src_q"][0] = 1;
  std::ranges::copy(std::array{0.0, 1.0}, tensors["src_k"]);
  std::ranges::copy(std::array{0.0, 1.0}, tensors["src_v"]);
  Layer::reference(shape, Pass::forward, tensors);
  const double capped = std::exp(2 * std::tanh(0.5));
  EXPECT_NEAR(tensors["dst"][0], capped / (1 + capped), 1e-14);
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

// The closed forms against a walk over all queries and keys.
TEST(SdpaShape, CountsThePairsThatItWalks) {
  const auto check = [](const std::string& text) {
    const Shape s = parse_shape<Layer>(text);
    std::int64_t pairs = 0;
    std::int64_t seeing = 0;
    std::vector<bool> seen(static_cast<std::size_t>(s.lk), false);
    for (std::int64_t i = 0; i < s.lq; ++i) {
      const std::int64_t position = s.topleft != 0 ? i : s.lk - s.lq + i;
      std::int64_t row = 0;
      for (std::int64_t j = 0; j < s.lk; ++j) {
        const bool near = s.window == 0 || std::abs(position - j) < s.window;
        if (near && (s.causal == 0 || j <= position)) {
          ++row;
          seen[static_cast<std::size_t>(j)] = true;
        }
      }
      EXPECT_EQ(s.keys_of(i).count(), row) << text << " query " << i;
      pairs += row;
      seeing += row > 0 ? 1 : 0;
    }
    EXPECT_EQ(s.pairs(), pairs) << text;
    EXPECT_EQ(s.seeing_queries(), seeing) << text;
    EXPECT_EQ(s.seen_keys(), std::ranges::count(seen, true)) << text;
  };
  for (int lq = 1; lq <= 6; ++lq) {
    for (int lk = 1; lk <= 6; ++lk) {
      for (int window = 0; window <= 7; ++window) {
        for (const char* rest : {"causal1topleft1", "causal1bottomright1", "causal0"}) {
          check(fmt::format("mb1h1lq{}lk{}d1window{}{}", lq, lk, window, rest));
        }
      }
    }
  }
}

TEST(SdpaShape, AMaskIsSpreadEvenly) {
  const Shape s = parse_shape<Layer>("mb1h1lq4lk3d1mask6");
  std::vector<std::int64_t> keys;
  for (std::int64_t i = 0; i < s.lq; ++i) {
    keys.push_back(s.keys_of(i).count());
  }
  EXPECT_THAT(keys, testing::ElementsAre(1, 2, 1, 2));
  EXPECT_EQ(s.seen_keys(), 2);
  EXPECT_EQ(parse_shape<Layer>("mb1h1lq4lk3d1mask2").seeing_queries(), 2);
}

std::int64_t macs(std::string_view text) {
  return Layer::formula(parse_shape<Layer>(text), Pass::forward).in_bounds.macs;
}

// Values apart from keys; 512 of 2048 tokens: 512*513/2 + 1536*512 pairs; 7 + 8 + 9 + 10 pairs
// behind a cache, 1 + 2 + 3 + 4 from the first key.
TEST(SdpaFormula, KnowsWhatNetworksOfTodayAskFor) {
  EXPECT_EQ(macs("mb1h16lq16d192dv128"), 1'310'720);
  EXPECT_EQ(macs("mb1h8lq2048d64causal1window512"), 917'760 * 8 * 128);
  EXPECT_EQ(macs("mb1h1lq4lk10d8dv16causal1"), 34 * 24);
  EXPECT_EQ(macs("mb1h1lq4lk10d8dv16causal1topleft1"), 10 * 24);
  EXPECT_EQ(macs("mb1h1lq10lk4d8causal1"), 10 * 16);
  EXPECT_EQ(macs("mb1h1lq10lk4d8causal1topleft1"), 34 * 16);
  EXPECT_EQ(macs("mb2h3lq10lk10d8mask37"), 2 * 3 * 37 * 16);
}

// The first two of four queries stand before the two keys.
TEST(SdpaReference, AQueryThatSeesNoKeyIsZero) {
  const Shape shape = parse_shape<Layer>("mb1h1lq4lk2d1causal1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::fill(tensors.find("src_q")->data, 5.0);
  std::ranges::copy(std::array{3.0, 9.0}, tensors["src_v"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data, testing::ElementsAre(0, 0, 3, 6));
}

TEST(SdpaShape, RefusesWithTheReason) {
  EXPECT_THAT([] { parse_shape<Layer>("mb1h3hkv2lq1d1"); },
              ThrowsMessage<BadInput>(HasSubstr("hkv 2 must divide h 3")));
  const auto refused = [](const char* text, const char* why) {
    EXPECT_THAT([&] { parse_shape<Layer>(text); }, ThrowsMessage<BadInput>(HasSubstr(why))) << text;
  };
  refused("mb1h1lq3d1topleft1", "causal1 or a window is missing");
  refused("mb1h1lq3d1causal1topleft1bottomright1", "not both or neither");
  refused("mb1h1lq3d1causal1topleft0bottomright0", "not both or neither");
  refused("mb1h1lq3d1causal1topleft2", "must be 0 or 1");
  refused("mb1h1lq3d1causal1mask2", "neither causal nor a window");
  refused("mb1h1lq3d1mask10", "but there are 3 x 3");
}

TEST(SdpaShape, SaysTheAlignmentWhereItMatters) {
  const auto printed = [](std::string_view text) {
    return print_shape<Layer>(parse_shape<Layer>(text));
  };
  EXPECT_EQ(printed("mb1h1lq3d1causal1"), "mb1h1lq3d1causal1");
  EXPECT_EQ(printed("mb1h1lq3lk5d1causal1"), "mb1h1lq3lk5d1causal1bottomright1");
  EXPECT_EQ(printed("mb1h1lq3lk5d1causal1topleft1"), "mb1h1lq3lk5d1causal1topleft1");
  EXPECT_EQ(printed("mb1h1lq3lk5d1causal1bottomright0"), "mb1h1lq3lk5d1causal1topleft1");
  EXPECT_EQ(printed("mb1h1lq3lk5d4dv4hkv1mask7"), "mb1h1lq3lk5d4mask7");
}

}  // namespace
}  // namespace flopmeter::sdpa
