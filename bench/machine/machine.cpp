#include "bench/machine/machine.h"

#include <algorithm>
#include <iterator>

#include "bench/machine/peak_spec.h"
#include "bench/machine/pinned_team.h"
#include "bench/machine/ridge.h"
#include "bench/machine/throughput.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

constexpr ThroughputEffort quick_effort{
    .looks = 10, .sustained = 0.02, .sustained_of_fma = 0.05, .chain = 1e-3};

std::vector<int> chosen_cores(const MachineOptions& options) {
  const auto allowed = static_cast<int>(allowed_cores().size());
  std::vector<int> cores = options.cores.empty() ? std::vector{1, allowed} : options.cores;
  for (const int count : cores) {
    if (count < 1 || count > allowed) {
      bad_input("{} threads: from 1 to {}, the cores that this process may run on", count, allowed);
    }
  }
  std::ranges::sort(cores);
  cores.erase(std::ranges::unique(cores).begin(), cores.end());
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

}  // namespace

Machine measure_machine(const MachineOptions& options, const MachineProgress& progress,
                        const Clock& clock) {
  const std::vector<int> cores = chosen_cores(options);
  const double begin = clock();
  Machine machine;
  machine.cores = static_cast<std::int64_t>(allowed_cores().size());
  measure_peaks(machine, cores, options.quick, progress, clock);
  // What memory and topology say of the machine is measured here, before the ridges.
  machine.ridges = ridges(machine.throughput, machine.bandwidth);
  machine.seconds = clock() - begin;
  return machine;
}

}  // namespace flopmeter
