// How fast every instruction mix of the table runs on this machine.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "bench/clock.h"
#include "bench/machine/peak_spec.h"
#include "results/machine.h"

namespace flopmeter {

/// How long is looked at one row.
struct ThroughputEffort {
  std::size_t looks = 100;        // of look_seconds each
  std::size_t least_looks = 20;   // even where they take longer than:
  double longest = 0.12;          // seconds of all looks, so that a busy machine ends, too
  double sustained = 0.05;        // seconds
  double sustained_of_fma = 0.3;  // of the widest FMAs of f32
  double chain = 5e-3;            // of the latency
};

/// Called before each row with what comes now.
using RowProgress = std::function<void(std::string_view what)>;

/// One row at a time on so many cores: values checked against the closed form, burst, sustained
/// rate, and on one core the latency. Rows of what the CPU lacks are `unavailable`; a loop that
/// computes something else is `failed`.
ThroughputRow measure_throughput(const PeakSpec& spec, int cores, const ThroughputEffort& effort,
                                 const Clock& clock);

/// The rows that a first look at a machine needs: what percent of peak may refer to, for f32, bf16
/// and s8, of f32 the FMAs.
std::vector<const PeakSpec*> quick_peaks();

/// The clock of cores on which nothing else of ours runs; `when` of the row.
ClockRow measure_idle_clock(std::string_view when, int cores, const Clock& clock);

/// The clock right beside the FMAs of f32 of 256 and 512 bits, as these rows have it.
std::vector<ClockRow> clock_under_load(std::span<const ThroughputRow> rows);

}  // namespace flopmeter
