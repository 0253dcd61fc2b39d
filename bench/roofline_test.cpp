#include "bench/roofline.h"

#include <gtest/gtest.h>

#include "bench/memory_roof.h"

namespace flopmeter {
namespace {

TEST(Roofs, TheSlowerOneOfArithmeticAndMemory) {
  const Roofs roofs{1e11, 1e10};
  EXPECT_DOUBLE_EQ(seconds_under(roofs, 1e9, 1e6), 1e-2);
  EXPECT_DOUBLE_EQ(seconds_under(roofs, 1e9, 1e9), 1e-1);
  EXPECT_DOUBLE_EQ(seconds_under({1e11, 0}, 1e9, 1e9), 1e-2);
}

/// One millisecond a call at the given shares of it.
Record timed(double percent_of_peak, double percent_of_bandwidth, double percent_of_overhead) {
  Record record;
  record.seconds = 1e-3;
  record.percent_of_peak = percent_of_peak;
  record.memory_level = "L2";
  record.bytes = 1'000'000;  // 1 GB/s
  record.roof_gbytes_per_second = 100 / percent_of_bandwidth;
  record.overhead_seconds = 1e-5 * percent_of_overhead;
  return record;
}

TEST(Bound, IsWhatTakesMostOfTheTime) {
  EXPECT_EQ(bound(timed(90, 20, 1)), "compute");
  EXPECT_EQ(bound(timed(20, 70, 1)), "L2");
  EXPECT_EQ(bound(timed(20, 20, 60)), "overhead");
  EXPECT_EQ(bound(timed(40, 30, 20)), "compute");
  EXPECT_EQ(bound(timed(30, 32, 20)), "code");
  EXPECT_EQ(bound(Record{}), "");
}

// Prevents blaming the code for what the shape does: 16 lanes for 5 channels.
TEST(Bound, PaddedLanesAreArithmeticToo) {
  Record record = timed(20, 15, 1);
  record.macs_in_bounds = 1000;
  record.executed_macs_full = 3200;
  EXPECT_EQ(bound(record), "lanes");
  record.executed_macs_full = 2100;
  EXPECT_EQ(bound(record), "lanes");
  record.executed_macs_full = 1500;
  EXPECT_EQ(bound(record), "code");
}

// Prevents a division by a bandwidth that was not measured.
TEST(Bound, WithoutRoofOfMemory) {
  Record record = timed(70, 50, 1);
  record.roof_gbytes_per_second.reset();
  record.memory_level = "";
  EXPECT_EQ(bound(record), "compute");
}

TEST(MemoryLevel, IsTheNearestCacheThatHoldsAThreadsShare) {
  const std::vector<CacheRow> caches{{.level = 1, .bytes = 48 << 10, .shared_by = 1},
                                     {.level = 2, .bytes = 2 << 20, .shared_by = 1},
                                     {.level = 3, .bytes = 32 << 20, .shared_by = 8}};
  EXPECT_EQ(memory_level(caches, 48 << 10, 1), "L1");
  EXPECT_EQ(memory_level(caches, 49 << 10, 1), "L2");
  EXPECT_EQ(memory_level(caches, 90 << 10, 2), "L1");
  EXPECT_EQ(memory_level(caches, 30 << 20, 2), "L3");
  EXPECT_EQ(memory_level(caches, 33 << 20, 2), "DRAM");
  EXPECT_EQ(memory_level({}, 1, 1), "DRAM");
}

// Prevents twice the first core's last-level cache, shared out among all threads, from passing for
// memory: on 64 cores with 8 such caches a thread's share of it was 1 MiB of its own 4 MiB.
TEST(ColdBytes, NoCacheOfAnyThreadHoldsItsShare) {
  const std::vector<CacheRow> caches{{.level = 1, .bytes = 48 << 10, .shared_by = 1},
                                     {.level = 2, .bytes = 1 << 20, .shared_by = 1},
                                     {.level = 3, .bytes = 32 << 20, .shared_by = 8}};
  for (const int threads : {1, 2, 8, 64}) {
    const std::int64_t own = (48 << 10) + (1 << 20) + (32 << 20) / std::min(threads, 8);
    EXPECT_GE(cold_bytes(caches, threads, -1, 32 << 20), 2 * own * threads) << threads;
  }
  EXPECT_EQ(cold_bytes(caches, 64, 1 << 20, 32 << 20), 0) << "1 MiB is available";
}

// Prevents hyper-threads from having twice the cache of their core.
TEST(MemoryLevel, ThreadsOfOneCoreShareItsCaches) {
  const std::vector<CacheRow> caches{{.level = 1, .bytes = 48 << 10, .shared_by = 2}};
  EXPECT_EQ(memory_level(caches, 48 << 10, 2), "L1");
  EXPECT_EQ(memory_level(caches, 90 << 10, 2), "DRAM");
}

// Prevents a busy process anywhere from casting doubt on what lies in caches that it cannot reach,
// and hyper-threads from passing for other cores.
TEST(MemoryLevel, IsReachedByOthersWhereCoresShareIt) {
  const std::vector<CacheRow> caches{{.level = 1, .bytes = 48 << 10, .shared_by = 2},
                                     {.level = 2, .bytes = 2 << 20, .shared_by = 2},
                                     {.level = 3, .bytes = 32 << 20, .shared_by = 8}};
  EXPECT_FALSE(reached_by_others(caches, "L1", 1));
  EXPECT_FALSE(reached_by_others(caches, "L2", 1));
  EXPECT_TRUE(reached_by_others(caches, "L3", 1));
  EXPECT_FALSE(reached_by_others(caches, "L3", 4)) << "all of its cores work for the case";
  EXPECT_TRUE(reached_by_others(caches, "DRAM", 8));
  EXPECT_TRUE(reached_by_others({}, "L1", 1));
}

}  // namespace
}  // namespace flopmeter
