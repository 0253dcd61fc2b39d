#include "bench/machine/machine.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "bench/machine/core_time.h"
#include "bench/machine/memory_levels.h"
#include "bench/machine/peak_spec.h"
#include "bench/machine/pinned_team.h"
#include "bench/machine/ridge.h"
#include "bench/machine/throughput.h"
#include "bench/machine/topology.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr ThroughputEffort quick_effort{
    .looks = 50, .sustained = 0.02, .sustained_of_fma = 0.05, .chain = 1e-3};

std::vector<int> chosen_cores(const MachineOptions& options) {
  const auto allowed = static_cast<int>(allowed_cores().size());
  std::vector<int> cores = options.cores.empty() ? std::vector{1, allowed} : options.cores;
  for (const int count : cores) {
    if (count < 1 || count > allowed) {
      bad_input("{} threads: must be from 1 to {}, the cores that this process may use", count,
                allowed);
    }
  }
  std::ranges::sort(cores);
  cores.erase(std::unique(cores.begin(), cores.end()), cores.end());
  return cores;
}

std::vector<const PeakSpec*> chosen_peaks(bool quick) {
  if (quick) {
    return quick_peaks();
  }
  std::vector<const PeakSpec*> all;
  std::ranges::transform(peak_specs(), std::back_inserter(all),
                         [](const PeakSpec& spec) { return &spec; });
  return all;
}

/// Appends clock and throughput, and the clock before, between and after.
void measure_peaks(Machine& machine, std::span<const int> cores, bool quick,
                   const MachineProgress& progress, const Clock& clock) {
  const std::vector<const PeakSpec*> peaks = chosen_peaks(quick);
  const ThroughputEffort effort = quick ? quick_effort : ThroughputEffort{};
  const std::size_t total = peaks.size() * cores.size();
  const auto look_at_idle_clock = [&](std::string_view when) {
    for (const int count : cores) {
      machine.clock.push_back(measure_idle_clock(when, count, clock));
    }
  };
  look_at_idle_clock("before");
  for (const int count : cores) {
    if (count != cores.front()) {
      look_at_idle_clock("between");
    }
    for (const PeakSpec* peak : peaks) {
      progress(machine.throughput.size(), total, peak->name());
      machine.throughput.push_back(measure_throughput(*peak, count, effort, clock));
    }
  }
  std::ranges::copy(clock_under_load(machine.throughput), std::back_inserter(machine.clock));
  look_at_idle_clock("after");
}

/// Of one core without load, the last that was seen: latencies are counted in its cycles.
std::optional<double> idle_ghz(const Machine& machine) {
  const auto idle = std::ranges::find_if(
      machine.clock, [](const ClockRow& row) { return row.load == "none" && row.cores == 1; });
  return idle == machine.clock.end() ? std::nullopt : idle->ghz;
}

void describe(Machine& machine) {
  Topology topology = measure_topology();
  machine.physical_cores = topology.physical_cores;
  machine.numa_nodes = topology.numa_nodes;
  machine.caches = std::move(topology.caches);
}

/// Appends bandwidth and latency.
void measure_memory(Machine& machine, int cores, bool quick, const Clock& clock) {
  MemoryOptions options = memory_options(quick, cores);
  options.ghz = idle_ghz(machine);
  options.clock = clock;
  machine.bandwidth = measure_bandwidth(options, machine.caches);
  machine.latency = measure_latency(options, machine.caches);
}

}  // namespace

Machine measure_machine(const MachineOptions& options, const MachineProgress& progress,
                        const Clock& clock) {
  const std::vector<int> cores = chosen_cores(options);
  const double begin = clock();
  Machine machine;
  machine.cores = static_cast<std::int64_t>(allowed_cores().size());
  const std::optional<CoreTime> before = core_time();
  describe(machine);
  measure_peaks(machine, cores, options.quick, progress, clock);
  progress(0, 1, "memory");
  measure_memory(machine, cores.back(), options.quick, clock);
  machine.steal_percent = steal_percent(before, core_time());
  machine.ridges = ridges(machine.throughput, machine.bandwidth);
  machine.seconds = clock() - begin;
  return machine;
}

}  // namespace flopmeter
