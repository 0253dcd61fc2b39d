// How fast each level of the memory is: the rows that are kept of a machine.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bench/clock.h"
#include "results/machine.h"

namespace flopmeter {

struct MemoryOptions {
  bool quick = false;                 // load and triad only; no latency of main memory
  int cores = 1;                      // at most so many at the same time
  std::int64_t available_bytes = -1;  // of memory, from bench/memory.h; negative: unknown
  std::int64_t last_level_bytes = 0;  // where no cache is shown
  std::optional<double> ghz = {};     // the core's clock, for latencies in cycles
  double row_seconds = 0.2;           // looks of one row
  double look_seconds = 2e-3;
  Clock clock = steady_seconds;
};

/// Options for this machine, with the time of a row such that on two idle cores all rows take 20
/// seconds, of a quick run 6.
MemoryOptions memory_options(bool quick, int cores);

/// Bytes a second of every operation at every level, on 1 core, on all, and up to 4 cores on each
/// number in between. Non-temporal stores, which go past the caches, at main memory only.
/// Working sets: working_sets(). A row is
///   noisy        when half of the looks reach less than 90 % of the burst
///   unavailable  when the level cannot be measured, with the reason
/// A level that loads as main memory does, within 15 %, is called "beyond" the level before it: the
/// cache is shown, but this process does not get so much of it.
std::vector<BandwidthRow> measure_bandwidth(const MemoryOptions& options,
                                            std::span<const CacheRow> caches);

/// Seconds of one load at every level, on one core: the median of looks. Noisy when half of the
/// looks lie 10 % or more from it. Levels as in measure_bandwidth, by their latencies.
std::vector<LatencyRow> measure_latency(const MemoryOptions& options,
                                        std::span<const CacheRow> caches);

/// The level's name, given how fast it and main memory are (any unit): its own, or "beyond L2" when
/// both are within 15 % of each other.
std::string earned_level(const std::string& level, const std::string& nearer, double measured,
                         double of_memory);

/// What looks of a row say of it.
struct LookSummary {
  double burst = 0;      // 90th percentile
  double sustained = 0;  // mean over all of the time
  std::string status = {};
  std::string reason = {};
};

/// Of rates and of the seconds that each lasted, as many of both, at least one.
LookSummary summarize_looks(std::span<const double> rates, std::span<const double> seconds);

}  // namespace flopmeter
