#include "bench/experiments/fma/rounds.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

using testing::ElementsAre;

// Prevents one loop from having all its samples while the machine was busy.
TEST(TakeRounds, TakesTurnsAndTurnsRound) {
  std::vector<std::size_t> order;
  const auto timings = take_rounds(3, 2, [&](std::size_t loop) {
    order.push_back(loop);
    return Timing{static_cast<double>(10 * loop + order.size()), 0};
  });
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 2, 1, 0));
  ASSERT_EQ(timings.size(), 3U);
  ASSERT_EQ(timings[1].size(), 2U);
  EXPECT_EQ(timings[0][1].seconds, 6);
  EXPECT_EQ(timings[1][0].seconds, 12);
  EXPECT_EQ(timings[2][1].seconds, 24);
}

// Prevents a drift that both loops share from showing in their ratio.
TEST(Ratio, IsTakenRoundByRound) {
  const std::vector<Timing> slow{{2, 0}, {4, 0}, {8, 0}};
  const std::vector<Timing> fast{{1, 0}, {2, 0}, {4, 0}};
  EXPECT_EQ(ratio(slow, fast).median, 2);
  EXPECT_EQ(ratio(slow, fast).deviation, 0);
  EXPECT_EQ(estimate(slow, &Timing::seconds).median, 4);
  EXPECT_EQ(estimate(slow, &Timing::seconds).deviation, 0.5);
}

}  // namespace
}  // namespace flopmeter
