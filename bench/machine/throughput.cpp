#include "bench/machine/throughput.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/machine/looks.h"
#include "bench/machine/peak.h"
#include "bench/machine/pinned_team.h"
#include "bench/machine/time_passes.h"
#include "statistics/statistics.h"

namespace flopmeter {
namespace {

constexpr std::int64_t checked_passes = 3;

bool is_f32_fma(const PeakSpec& spec) { return spec.operation == "FMA" && spec.dtype == "f32"; }

ThroughputRow planned_throughput(const PeakSpec& spec, int cores) {
  return {.operation = std::string(spec.operation),
          .bits = spec.scalar ? 8 * size_of(spec.lane) : spec.bits,
          .dtype = std::string(spec.dtype),
          .isa = std::string(to_string(spec.needs)),
          .instruction = spec.instruction(),
          .cores = cores};
}

/// What a lane holds that it should not; empty: every lane holds the closed form.
std::string wrong_value(const PeakSpec& spec) {
  const std::int64_t passes = std::min(checked_passes, most_exact_passes(spec));
  PeakState state(spec);
  PeakCode(spec).run(passes, state);
  for (int i = 0; i < spec.accumulators(); ++i) {
    const double expected = peak_result(spec, i, passes);
    for (const double value : state.values(i)) {
      // The first values of an exponential still differ from each other.
      if (!(std::abs(value - expected) <= 10 * peak_tolerance(spec))) {
        return fmt::format("accumulator {} holds {}, not {}", i, value, expected);
      }
    }
  }
  return "";
}

/// Cycles from one result of a row's instructions to the next, each waiting for the one before.
double latency_cycles(const PeakSpec& spec, double seconds, const Clock& clock) {
  const PeakCode chain(spec, PeakLoopKind::latency);
  const CycleCode cycle;
  PeakState state(spec, true);
  const auto run = [&](std::int64_t passes) {
    state.reset();
    chain.run(passes, state);
  };
  const auto tick = [&](std::int64_t passes) { cycle.run(passes); };
  const Timing timing = time_passes(run, tick, CycleCode::cycles_per_pass, clock, seconds);
  return timing.cycles / PeakCode::rounds_of_chain(spec);
}

std::vector<PeakLook> take_looks(const PeakLoop& loop, int cores, const ThroughputEffort& effort,
                                 const Clock& clock) {
  const LoadedClock loaded = loop.loaded_clock(cores);
  const double end = clock() + effort.longest;
  std::vector<PeakLook> looks;
  while (looks.size() < effort.looks && (looks.size() < effort.least_looks || clock() < end)) {
    looks.push_back(loop.look(cores, look_seconds, loaded));
  }
  return looks;
}

void measure(ThroughputRow& row, const PeakSpec& spec, const ThroughputEffort& effort,
             const Clock& clock) {
  const int cores = static_cast<int>(*row.cores);
  const PeakLoop loop(spec, clock);
  set_burst(row, spec, take_looks(loop, cores, effort, clock));
  const double seconds =
      is_f32_fma(spec) && spec.bits > 128 ? effort.sustained_of_fma : effort.sustained;
  row.sustained = loop.burst(cores, seconds);
  if (cores == 1) {
    row.latency_cycles = latency_cycles(spec, effort.chain, clock);
  }
}

}  // namespace

ThroughputRow measure_throughput(const PeakSpec& spec, int cores, const ThroughputEffort& effort,
                                 const Clock& clock) {
  ThroughputRow row = planned_throughput(spec, cores);
  if (std::string lack = why_not(spec.needs); !lack.empty()) {
    row.status = "unavailable";
    row.reason = std::move(lack);
  } else if (std::string wrong = wrong_value(spec); !wrong.empty()) {
    row.status = "failed";
    row.reason = std::move(wrong);
  } else {
    const PinnedTeam team(cores);
    measure(row, spec, effort, clock);
  }
  return row;
}

std::vector<const PeakSpec*> quick_peaks() {
  std::vector<const PeakSpec*> peaks;
  for (const PeakSpec& spec : peak_specs()) {
    const bool wanted = is_f32_fma(spec) || spec.dtype == "bf16" || spec.dtype == "s8";
    if (wanted && spec.ceiling) {
      peaks.push_back(&spec);
    }
  }
  return peaks;
}

ClockRow measure_idle_clock(std::string_view when, int cores, const Clock& clock) {
  constexpr int clock_looks = 5000;  // 15 ms: from its idle state a clock takes a while
  const PinnedTeam team(cores);
  const CycleCode cycle;
  std::vector<double> ghz;
  for (int i = 0; i < clock_looks; ++i) {
    ghz.push_back(look_at_clock(cycle, clock, cores));
  }
  return {.load = "none", .when = std::string(when), .cores = cores, .ghz = percentile(ghz, 0.9)};
}

std::vector<ClockRow> clock_under_load(std::span<const ThroughputRow> rows) {
  std::vector<ClockRow> clocks;
  for (const ThroughputRow& row : rows) {
    const bool wide = row.bits == 256 || row.bits == 512;
    if (row.operation == "FMA" && row.dtype == "f32" && wide && row.ghz) {
      clocks.push_back({.load = fmt::format("FMA {}", *row.bits),
                        .when = "between",
                        .cores = row.cores,
                        .ghz = row.ghz});
    }
  }
  return clocks;
}

}  // namespace flopmeter
