#include "bench/machine/ridge.h"

#include <gmock/gmock.h>

namespace flopmeter {
namespace {

ThroughputRow throughput_row(std::string operation, std::string dtype, std::int64_t cores,
                             std::optional<double> burst) {
  return {
      .operation = std::move(operation), .dtype = std::move(dtype), .cores = cores, .burst = burst};
}

BandwidthRow bandwidth_row(std::string operation, std::string level, std::int64_t cores,
                           std::optional<double> burst) {
  return {
      .operation = std::move(operation), .level = std::move(level), .cores = cores, .burst = burst};
}

// Hand arithmetic: 180 GFLOPS over 15 GB/s are 12 FLOP/byte.
TEST(Ridges, ArePeakOverLoadBandwidthOfAsManyCores) {
  const std::vector<ThroughputRow> peaks{
      throughput_row("FMA", "f32", 1, 90e9), throughput_row("FMA", "f32", 1, 180e9),
      throughput_row("divide", "f32", 1, 999e9), throughput_row("FMA", "f32", 2, 360e9)};
  const std::vector<BandwidthRow> memory{
      bandwidth_row("load", "DRAM", 1, 15e9), bandwidth_row("store", "DRAM", 1, 5e9),
      bandwidth_row("load", "DRAM", 2, 20e9), bandwidth_row("load", "L1", 4, 20e9),
      bandwidth_row("load", "L1", 1, std::nullopt)};
  const std::vector<RidgeRow> rows = ridges(peaks, memory);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].dtype, "f32");
  EXPECT_EQ(rows[0].level, "DRAM");
  EXPECT_EQ(rows[0].cores, 1);
  EXPECT_EQ(rows[0].intensity, 12);
  EXPECT_EQ(rows[1].cores, 2);
  EXPECT_EQ(rows[1].intensity, 18);
}

// Prevents the ridge of a slow bf16 instruction where kernels compute in f32.
TEST(Ridges, OfBf16MayBeThatOfF32) {
  const std::vector<ThroughputRow> peaks{
      throughput_row("FMA", "f32", 1, 180e9), throughput_row("dot product", "bf16", 1, 90e9),
      throughput_row("dot product", "s8", 1, 720e9), throughput_row("FMA", "f64", 1, 60e9),
      throughput_row("FMA", "f16", 1, std::nullopt)};
  const std::vector<BandwidthRow> memory{bandwidth_row("load", "L2", 1, 60e9)};
  std::vector<std::pair<std::string, double>> found;
  for (const RidgeRow& row : ridges(peaks, memory)) {
    found.emplace_back(row.dtype, *row.intensity);
  }
  using testing::Pair;
  EXPECT_THAT(
      found, testing::ElementsAre(Pair("f64", 1), Pair("f32", 3), Pair("bf16", 3), Pair("s8", 12)));
}

// Prevents an exact-looking ridge over what was not.
TEST(Ridges, OfNoisyRowsSaySo) {
  std::vector<ThroughputRow> peaks{throughput_row("FMA", "f32", 1, 90e9),
                                   throughput_row("multiply + add", "f32", 1, 45e9)};
  peaks[0].instruction = "vfmadd231ps zmm";
  peaks[1].status = "noisy";
  std::vector<BandwidthRow> memory{bandwidth_row("load", "L1", 1, 30e9)};
  EXPECT_EQ(ridges(peaks, memory)[0].status, "ok") << "the slower instruction has no part in it";
  memory[0].status = "noisy";
  EXPECT_EQ(ridges(peaks, memory)[0].status, "noisy");
  EXPECT_EQ(ridges(peaks, memory)[0].reason, "noisy: loads from L1");
  peaks[0].status = "noisy";
  EXPECT_EQ(ridges(peaks, memory)[0].reason,
            "noisy: the peak of vfmadd231ps zmm and loads from L1");
}

}  // namespace
}  // namespace flopmeter
