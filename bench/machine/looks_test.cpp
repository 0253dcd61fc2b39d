#include "bench/machine/looks.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

const PeakSpec& scalar_fma() {
  for (const PeakSpec& spec : peak_specs()) {
    if (spec.name() == "f32 FMA scalar fma") {
      return spec;
    }
  }
  throw std::logic_error("no scalar FMA");
}

std::vector<PeakLook> looks_of(const std::vector<double>& rates, double ghz) {
  std::vector<PeakLook> looks;
  for (const double rate : rates) {
    looks.push_back({rate, ghz});
  }
  return looks;
}

// Hand arithmetic: 2 operations an FMA, 12e9 of them a second on 2 cores of 3 GHz: 1 each a cycle.
TEST(SetBurst, DividesByOperationsCoresAndClock) {
  ThroughputRow row{.cores = 2};
  set_burst(row, scalar_fma(), looks_of(std::vector<double>(10, 12e9), 3));
  EXPECT_EQ(row.burst, 12e9);
  EXPECT_EQ(row.ghz, 3);
  EXPECT_DOUBLE_EQ(*row.instructions_per_cycle, 1);
  EXPECT_EQ(row.status, "ok");
  EXPECT_EQ(row.reason, "");
}

// Prevents instructions a cycle of the burst at one clock from being reckoned with another.
TEST(SetBurst, TakesTheClockBesideTheFastLooks) {
  std::vector<PeakLook> looks(20, PeakLook{10, 2});
  looks[3] = {20, 4};
  looks[7] = {20, 4};
  looks[9] = {20, 1};  // interrupted
  looks[11] = {20, 3};
  ThroughputRow row{.cores = 1};
  set_burst(row, scalar_fma(), looks);
  EXPECT_EQ(row.burst, 20);
  EXPECT_EQ(row.ghz, 4);
}

// Prevents other programs on the machine from halving a peak: most looks were undisturbed, or a few
// of them.
TEST(SetBurst, IsTheNinetiethPercentileAndSaysWhenLooksDiffer) {
  ThroughputRow row{.cores = 1};
  set_burst(row, scalar_fma(), looks_of({10, 1, 10, 10, 10, 10, 10, 10, 10, 10}, 3));
  EXPECT_EQ(row.burst, 10);
  EXPECT_EQ(row.status, "ok");
  set_burst(row, scalar_fma(), looks_of({10, 5, 5, 5, 5, 5, 5, 5, 10, 10}, 3));
  EXPECT_EQ(row.burst, 10);
  EXPECT_EQ(row.status, "noisy");
  EXPECT_EQ(row.reason, "half of the looks reached at most 50 % of the burst");
}

}  // namespace
}  // namespace flopmeter
