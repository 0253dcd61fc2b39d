#include "bench/machine/working_set.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kib = 1 << 10;
constexpr std::int64_t mib = 1 << 20;
constexpr std::int64_t plenty = std::int64_t{1} << 40U;

std::vector<CacheRow> caches(std::int64_t last_level_mib, std::int64_t shared_by,
                             std::int64_t threads_of_core = 1) {
  return {{.level = 1, .bytes = 48 * kib, .shared_by = threads_of_core},
          {.level = 2, .bytes = 2 * mib, .shared_by = threads_of_core},
          {.level = 3, .bytes = last_level_mib * mib, .shared_by = shared_by}};
}

std::vector<std::int64_t> kib_of(const std::vector<WorkingSet>& sets) {
  std::vector<std::int64_t> result;
  for (const WorkingSet& set : sets) {
    EXPECT_EQ(set.bytes == 0, !set.reason.empty()) << set.level;
    result.push_back(set.bytes / kib);
  }
  return result;
}

// Prevents a set that lies in another level than it is named after.
TEST(WorkingSet, LiesInItsLevelAndInNoNearerOne) {
  const auto sets = working_sets(caches(32, 8), 1, plenty, 0);
  EXPECT_EQ(sets[0].level, "L1");
  EXPECT_EQ(sets[1].level, "L2");
  EXPECT_EQ(sets[2].level, "L3");
  EXPECT_EQ(sets[3].level, "DRAM");
  EXPECT_THAT(kib_of(sets), ElementsAre(24, 8 * 48, 16 * kib, 4 * (34 * kib + 48)));
}

// Prevents threads that push each other's data out of a shared cache.
TEST(WorkingSet, TakesAThreadsShareOfACache) {
  EXPECT_THAT(kib_of(working_sets(caches(64, 16, 2), 16, plenty, 0)),
              ElementsAre(12, 8 * 24, 5 * kib / 2, 4 * (5 * kib + 24)));
  // Threads that do not run need no share.
  EXPECT_THAT(kib_of(working_sets(caches(64, 128), 2, plenty, 0)),
              ElementsAre(24, 8 * 48, 16 * kib, 4 * (34 * kib + 48)));
}

// Prevents L2 under the name of L3.
TEST(WorkingSet, IsUnavailableWhereTheShareIsNotAboveTheNearerCache) {
  const auto sets = working_sets(caches(30, 24, 2), 24, plenty, 0);
  EXPECT_EQ(sets[2].bytes, 0);
  EXPECT_THAT(sets[2].reason, HasSubstr("1.25 MiB, is not well above its 1 MiB"));
}

// Prevents a swapping machine, and cache under the name of main memory.
TEST(WorkingSet, TakesTwiceWhatTheCachesHoldOrMore) {
  const auto memory = [](std::int64_t cached_mib, int threads, std::int64_t available_mib) {
    return working_sets({}, threads, available_mib * mib, cached_mib * mib).back();
  };
  EXPECT_EQ(memory(100, 1, 100'000).bytes, 400 * mib);
  EXPECT_EQ(memory(100, 2, 100'000).bytes, 400 * mib);
  EXPECT_EQ(memory(100, 4, 100'000).bytes, 256 * mib);
  EXPECT_EQ(memory(300, 1, 100'000).bytes, 1024 * mib);
  EXPECT_EQ(memory(600, 1, 100'000).bytes, 1200 * mib);
  EXPECT_EQ(memory(600, 2, 100'000).bytes, 1200 * mib);
  EXPECT_EQ(memory(100, 1, 300).bytes, 200 * mib);
  EXPECT_EQ(memory(600, 1, 1000).reason,
            "twice what the caches hold needs 1.3 GB of memory, 1.0 GB are available");
  EXPECT_EQ(memory(600, 1, 1000).bytes, 0);
  // Threads that share a cache need less each.
  EXPECT_EQ(working_sets(caches(100, 2), 2, plenty, 0).back().bytes, 4 * (52 * mib + 48 * kib));
}

TEST(WorkingSet, OfMainMemoryNeedsNoTopology) {
  const auto sets = working_sets({}, 2, -1, 32 * mib);
  ASSERT_EQ(sets.size(), 1);
  EXPECT_EQ(sets[0].level, "DRAM");
  EXPECT_EQ(sets[0].bytes, 128 * mib);
}

}  // namespace
}  // namespace flopmeter
