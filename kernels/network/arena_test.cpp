#include "kernels/network/arena.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

namespace flopmeter {
namespace {

// Three steps, each reads what the one before wrote: two places are enough, used in turn.
TEST(Arena, UsesPlacesAgain) {
  const std::vector<Lifespan> chain{{640, 0, 1}, {640, 1, 2}, {640, 2, 3}};
  const Arena arena = plan_arena(chain);
  EXPECT_THAT(arena.offsets, testing::ElementsAre(0, 640, 0));
  EXPECT_EQ(arena.bytes, 1280U);
}

TEST(Arena, BeginsEachAtACacheLine) {
  const std::vector<Lifespan> odd{{1, 0, 0}, {65, 0, 0}, {3, 0, 0}};
  const Arena arena = plan_arena(odd);
  EXPECT_THAT(arena.offsets, testing::ElementsAre(192, 0, 128));
  EXPECT_EQ(arena.bytes, 256U);
}

TEST(Arena, OfNothingIsEmpty) { EXPECT_EQ(plan_arena({}).bytes, 0U); }

/// The most bytes that are alive at one step: no arena is smaller.
std::size_t most_alive(const std::vector<Lifespan>& lifespans, std::size_t steps) {
  std::size_t most = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    std::size_t alive = 0;
    for (const Lifespan& one : lifespans) {
      alive += one.first <= step && step <= one.last ? (one.bytes + 63) / 64 * 64 : 0;
    }
    most = std::max(most, alive);
  }
  return most;
}

// Two tensors that live at the same time and share a byte give a wrong result in some networks.
TEST(Arena, NoTwoThatLiveTogetherShareAByte) {
  std::mt19937_64 random(1);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<Lifespan> lifespans;
    for (int i = 0; i < 40; ++i) {
      const std::size_t first = random() % 20;
      lifespans.push_back({random() % 5000, first, first + random() % 5});
    }
    const Arena arena = plan_arena(lifespans);
    EXPECT_GE(arena.bytes, most_alive(lifespans, 25));
    for (std::size_t i = 0; i < lifespans.size(); ++i) {
      const Lifespan& a = lifespans[i];
      EXPECT_LE(arena.offsets[i] + a.bytes, arena.bytes);
      for (std::size_t j = 0; j < i; ++j) {
        const Lifespan& b = lifespans[j];
        const bool together = a.first <= b.last && b.first <= a.last;
        const bool apart = arena.offsets[i] + a.bytes <= arena.offsets[j] ||
                           arena.offsets[j] + b.bytes <= arena.offsets[i];
        EXPECT_TRUE(!together || apart) << i << " and " << j << " of trial " << trial;
      }
    }
  }
}

}  // namespace
}  // namespace flopmeter
