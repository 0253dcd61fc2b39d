#include "bench/machine/throughput.h"

#include <gmock/gmock.h>

#include <atomic>
#include <memory>

#include "bench/machine/machine.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr ThroughputEffort one_look{.looks = 2,
                                    .least_looks = 2,
                                    .longest = 1,
                                    .sustained = 1e-3,
                                    .sustained_of_fma = 1e-3,
                                    .chain = 1e-3};

/// A clock that moves on by a millisecond at each look.
Clock millisecond_ticks() {
  auto looks = std::make_shared<std::atomic<int>>(0);
  return [looks] { return 1e-3 * (*looks)++; };
}

// The SSE row, which every x86-64 has. Hand arithmetic: 1000 passes of 98 instructions of 4
// operations a millisecond. At 9,600 cycles a millisecond a pass takes 9.6, so 15 additions, of
// which a look runs 20 times a pass. Beside the chain the clock has 19,200 cycles a millisecond,
// and a pass of the chain has 12 rounds in a thousandth of a millisecond.
TEST(MeasureThroughput, FillsARowFromTheClock) {
  const PeakSpec& sse = peak_specs().front();
  const ThroughputRow row = measure_throughput(sse, 1, one_look, millisecond_ticks());
  EXPECT_EQ(row.operation, "multiply + add");
  EXPECT_EQ(row.bits, 128);
  EXPECT_EQ(row.dtype, "f32");
  EXPECT_EQ(row.isa, "sse2");
  EXPECT_EQ(row.instruction, "mulps, addps xmm");
  EXPECT_EQ(row.cores, 1);
  EXPECT_EQ(row.status, "ok");
  EXPECT_NEAR(*row.ghz, 20 * 15 / 1e-3 / 1e9, 1e-12);
  EXPECT_NEAR(*row.sustained, 1000 * 98 * 4 / 1e-3 / 2, 1e9);
  EXPECT_NEAR(*row.latency_cycles, 19.2 / 12, 1e-9);
  EXPECT_NEAR(*row.instructions_per_cycle, *row.burst / 4 / (*row.ghz * 1e9), 1e-12);
}

TEST(MeasureThroughput, MeasuresLatencyOnOneCoreOnly) {
  const ThroughputRow row =
      measure_throughput(peak_specs().front(), 2, one_look, millisecond_ticks());
  EXPECT_FALSE(row.latency_cycles);
  EXPECT_EQ(row.cores, 2);
}

// Prevents an illegal instruction, and rows that silently vanish.
TEST(MeasureThroughput, WhatTheCpuLacksHasAReason) {
  PeakSpec missing = peak_specs().front();
  missing.needs = static_cast<CpuFeature>(99);
  const ThroughputRow row = measure_throughput(missing, 1, one_look, millisecond_ticks());
  EXPECT_EQ(row.status, "unavailable");
  EXPECT_EQ(row.reason, "this CPU has no ?");
  EXPECT_FALSE(row.burst);
}

// Prevents the speed of a loop that computes something else.
TEST(MeasureThroughput, AWrongValueFails) {
  PeakSpec wrong = peak_specs().front();
  wrong.constants[1] = 0;  // adds nothing
  const ThroughputRow row = measure_throughput(wrong, 1, one_look, millisecond_ticks());
  EXPECT_EQ(row.status, "failed");
  EXPECT_THAT(row.reason, testing::StartsWith("accumulator 1 holds 2, not "));
  EXPECT_FALSE(row.burst);
}

TEST(ClockUnderLoad, IsThatOfWideFmas) {
  const std::vector<ThroughputRow> rows{
      {.operation = "FMA", .bits = 128, .dtype = "f32", .cores = 1, .ghz = 3.0},
      {.operation = "FMA", .bits = 256, .dtype = "f32", .cores = 1, .ghz = 2.9},
      {.operation = "FMA", .bits = 512, .dtype = "f32", .cores = 2, .ghz = 2.5},
      {.operation = "FMA", .bits = 512, .dtype = "f64", .cores = 2, .ghz = 2.4},
      {.operation = "FMA", .bits = 512, .dtype = "f32", .cores = 4}};
  const std::vector<ClockRow> clocks = clock_under_load(rows);
  ASSERT_EQ(clocks.size(), 2U);
  EXPECT_EQ(clocks[0].load, "FMA 256");
  EXPECT_EQ(clocks[1].load, "FMA 512");
  EXPECT_EQ(clocks[1].when, "between");
  EXPECT_EQ(clocks[1].cores, 2);
  EXPECT_EQ(clocks[1].ghz, 2.5);
}

TEST(MeasureMachine, RefusesMoreCoresThanThereAre) {
  const auto silent = [](std::size_t, std::size_t, std::string_view) {};
  EXPECT_THROW(measure_machine({.cores = {0}}, silent), BadInput);
  EXPECT_THROW(measure_machine({.cores = {1 << 20}}, silent), BadInput);
}

}  // namespace
}  // namespace flopmeter
