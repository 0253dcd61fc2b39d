#include "bench/machine/memory_levels.h"

#include <gmock/gmock.h>

#include <atomic>
#include <memory>
#include <string>

namespace flopmeter {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

// A clock that moves on by a tenth of a millisecond at each look.
Clock tenth_ticks() {
  auto looks = std::make_shared<std::atomic<int>>(0);
  return [looks] { return 1e-4 * (*looks)++; };
}

std::vector<CacheRow> small_caches() {
  return {{.level = 1, .bytes = 16 << 10, .shared_by = 1},
          {.level = 2, .bytes = 128 << 10, .shared_by = 1},
          {.level = 3, .bytes = 1 << 20, .shared_by = 2}};
}

MemoryOptions small_options(int cores) {
  MemoryOptions options;
  options.cores = cores;
  options.look_seconds = 1e-4;
  options.row_seconds = 1e-3;
  options.clock = tenth_ticks();
  return options;
}

template <class Row>
std::vector<std::string> names_of(const std::vector<Row>& rows, std::string Row::*name) {
  std::vector<std::string> names;
  for (const Row& row : rows) {
    names.push_back(row.*name);
  }
  return names;
}

// Prevents rows that are silently absent, and sets of another size than their level's.
TEST(MemoryLevels, HasARowOfEachOperationAtEachLevel) {
  const auto rows = measure_bandwidth(small_options(1), small_caches());
  EXPECT_THAT(names_of(rows, &BandwidthRow::operation),
              ElementsAre("load", "store", "copy", "triad", "load", "store", "copy", "triad",
                          "load", "store", "copy", "triad", "load", "store", "copy", "triad",
                          "non-temporal store"));
  EXPECT_THAT(rows, Each(AllOf(Field(&BandwidthRow::cores, 1), Field(&BandwidthRow::status, "ok"),
                               Field(&BandwidthRow::pages, Not(IsEmpty())))));
  EXPECT_EQ(rows[0].bytes, 8 << 10);
  EXPECT_EQ(rows[4].bytes, 72 << 10);
  EXPECT_EQ(rows[8].bytes, 576 << 10);
  EXPECT_EQ(rows[12].bytes, 4 * (1024 + 128 + 16) << 10);
  EXPECT_EQ(rows[16].bytes, rows[12].bytes);
}

// Prevents a rate that is not bytes over the clock's seconds: a burst of one look of 8 MiB in a
// tenth of a millisecond.
TEST(MemoryLevels, HasTheRateOfTheClock) {
  const auto rows = measure_bandwidth(small_options(1), small_caches());
  EXPECT_NEAR(rows[0].burst.value_or(0), (8 << 20) / 1e-4, 1);
  EXPECT_NEAR(rows[0].sustained.value_or(0), (8 << 20) / 1e-4, 1);
}

// Prevents one level under the names of two: the clock makes all of them equally fast here.
TEST(MemoryLevels, CallsNoLevelByANameThatItHasNotEarned) {
  const auto rows = measure_bandwidth(small_options(1), small_caches());
  EXPECT_EQ(rows[0].level, "L1");
  EXPECT_EQ(rows[4].level, "beyond L1");
  EXPECT_EQ(rows[8].level, "beyond L2");
  EXPECT_THAT(rows[8].reason, HasSubstr("of the 1 MiB that L3 shows this process gets less"));
  EXPECT_EQ(rows[12].level, "DRAM");

  EXPECT_EQ(earned_level("L3", "L2", 28, 16), "L3");
  EXPECT_EQ(earned_level("L3", "L2", 17, 16), "beyond L2");
  EXPECT_EQ(earned_level("L3", "L2", 150e-9, 160e-9), "beyond L2");
  EXPECT_EQ(earned_level("L3", "L2", 70e-9, 160e-9), "L3");
  EXPECT_EQ(earned_level("L3", "L2", 70e-9, 0), "L3");
}

TEST(MemoryLevels, RunsOnOneToAllCores) {
  MemoryOptions options = small_options(2);
  options.quick = true;
  const auto rows = measure_bandwidth(options, small_caches());
  EXPECT_THAT(names_of(rows, &BandwidthRow::operation),
              ElementsAre("load", "triad", "load", "triad", "load", "triad", "load", "triad",
                          "load", "triad", "load", "triad", "load", "triad", "load", "triad"));
  EXPECT_EQ(rows[7].cores, 1);
  EXPECT_EQ(rows[8].cores, 2);
  // Half of the last cache is a core's own.
  EXPECT_EQ(rows[12].bytes, 320 << 10);
}

// Prevents a run that takes the memory of the whole machine.
TEST(MemoryLevels, SaysWhyALevelIsUnavailable) {
  MemoryOptions options = small_options(1);
  options.available_bytes = 1'000'000;
  const auto rows = measure_bandwidth(options, small_caches());
  ASSERT_EQ(rows.size(), 17);
  EXPECT_EQ(rows[12].status, "unavailable");
  EXPECT_THAT(rows[12].reason, HasSubstr("needs 0.0 GB of memory"));
  EXPECT_FALSE(rows[12].burst);
  EXPECT_EQ(rows[8].level, "L3") << "nothing to compare with";
  EXPECT_EQ(measure_latency(options, small_caches()).back().status, "unavailable");
}

// Prevents a run that ends where an address space does.
TEST(MemoryLevels, SaysWhyMemoryCannotBeHad) {
  const std::vector<CacheRow> endless = {{.level = 1, .bytes = std::int64_t{1} << 48U}};
  const auto rows = measure_bandwidth(small_options(1), endless);
  ASSERT_EQ(rows.size(), 9);
  EXPECT_THAT(rows, Each(AllOf(Field(&BandwidthRow::status, "unavailable"),
                               Field(&BandwidthRow::reason, HasSubstr("cannot map")))));
}

// Prevents a time of another number of loads, or cycles of another clock: 4096 loads a tenth of a
// millisecond, and two of them a look.
TEST(MemoryLevels, HasTheLatencyOfTheClock) {
  MemoryOptions options = small_options(1);
  options.ghz = 2;
  const auto rows = measure_latency(options, small_caches());
  EXPECT_THAT(names_of(rows, &LatencyRow::level),
              ElementsAre("L1", "beyond L1", "beyond L2", "DRAM"));
  EXPECT_NEAR(rows[0].seconds.value_or(0), 1e-4 / 4096, 1e-12);
  EXPECT_NEAR(rows[0].cycles.value_or(0), 2 * 1e5 / 4096, 1e-3);
  EXPECT_EQ(rows[0].status, "ok");
  EXPECT_EQ(rows[0].bytes, 8 << 10);
}

TEST(MemoryLevels, HasNoLatencyOfMainMemoryInAQuickRun) {
  MemoryOptions options = small_options(1);
  options.quick = true;
  const auto rows = measure_latency(options, small_caches());
  ASSERT_EQ(rows.size(), 4);
  EXPECT_EQ(rows[3].status, "unavailable");
  EXPECT_EQ(rows[3].reason, "a quick run does not measure it");
  EXPECT_FALSE(rows[2].cycles) << "without a clock in GHz";
}

TEST(LookSummary, TakesThe90thPercentileAndTheMeanOverTime) {
  const std::vector<double> rates = {100, 101, 102, 103, 104, 105, 106, 107, 108, 150};
  std::vector<double> seconds(10, 1.0);
  EXPECT_DOUBLE_EQ(summarize_looks(rates, seconds).burst, 108);
  EXPECT_DOUBLE_EQ(summarize_looks(rates, seconds).sustained, 108.6);
  EXPECT_EQ(summarize_looks(rates, seconds).status, "ok");
  seconds.front() = 11;  // a look that was interrupted lasts longer
  EXPECT_DOUBLE_EQ(summarize_looks(rates, seconds).sustained, (1086 + 10 * 100) / 20.0);
}

// Prevents a confident number of a machine that did something else.
TEST(LookSummary, IsNoisyWhenHalfOfTheLooksAreSlow) {
  const std::vector<double> rates = {50, 51, 52, 100, 100};
  const LookSummary summary = summarize_looks(rates, std::vector<double>(5, 1.0));
  EXPECT_EQ(summary.status, "noisy");
  EXPECT_EQ(summary.reason, "half of the looks reach 52 % of the burst or less");
}

}  // namespace
}  // namespace flopmeter
