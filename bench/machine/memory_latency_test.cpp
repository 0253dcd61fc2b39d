#include "bench/machine/memory_latency.h"

#include <gmock/gmock.h>

#include <set>

namespace flopmeter {
namespace {

// Prevents a chase round a short cycle, which a nearer cache holds.
TEST(RandomCycle, IsOneCycleThroughAll) {
  for (const std::int64_t n : {1, 2, 3, 64, 1000}) {
    for (const std::uint64_t seed : {1, 2}) {
      const std::vector<std::uint32_t> next = random_cycle(n, seed);
      std::uint32_t at = 0;
      for (std::int64_t i = 1; i < n; ++i) {
        at = next[at];
        EXPECT_NE(at, 0) << "back after " << i << " of " << n;
      }
      EXPECT_EQ(next[at], 0);
    }
  }
}

// Prevents an order that a prefetcher guesses.
TEST(RandomCycle, FollowsNoStride) {
  const std::vector<std::uint32_t> next = random_cycle(1000, 1);
  std::multiset<std::int64_t> strides;
  for (std::size_t i = 0; i < next.size(); ++i) {
    strides.insert(std::int64_t{next[i]} - static_cast<std::int64_t>(i));
  }
  for (const std::int64_t stride : strides) {
    EXPECT_LT(strides.count(stride), 10) << stride;
  }
  EXPECT_NE(next, random_cycle(1000, 2));
  EXPECT_EQ(next, random_cycle(1000, 1));
}

TEST(PointerChase, VisitsEachLineOnce) {
  const PointerChase chase(100'000);
  EXPECT_EQ(chase.lines(), 100'000 / 64);
  EXPECT_EQ(chase.bytes(), 100'000 / 64 * 64);
  const std::byte* const first = chase.after(0);
  std::set<std::int64_t> offsets;
  for (std::int64_t loads = 0; loads < chase.lines(); ++loads) {
    offsets.insert(chase.after(loads) - first);
  }
  EXPECT_EQ(offsets.size(), static_cast<std::size_t>(chase.lines()));
  EXPECT_EQ(*offsets.rbegin(), chase.bytes() - 64);
  EXPECT_EQ(chase.after(chase.lines()), first);
}

// Prevents a time of other loads than those that were done.
TEST(PointerChase, DividesTheTimeOfTheClockByTheLoads) {
  double now = 0;
  PointerChase chase(1 << 15, 64, [&now] { return now += 4096e-9; });
  EXPECT_NEAR(chase.look(4096e-9), 1e-9, 1e-15);
  EXPECT_NEAR(chase.look(20e-6), 1e-9, 1e-15);
}

}  // namespace
}  // namespace flopmeter
