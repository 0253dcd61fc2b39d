#include "bench/machine/core_clock.h"

#include <algorithm>
#include <cmath>

#include "bench/machine/team.h"

namespace flopmeter {
namespace {

// Half a microsecond that brings the code near, and 2.5.
constexpr std::int64_t cycle_warm_up = 20;
constexpr std::int64_t cycle_passes_per_look = 100;
constexpr double loaded_look_seconds = 2e-5;  // of the row; with the additions longer

double additions_a_cycle(const PeakSpec& spec) { return spec.sequence ? 2 : 1.5; }

}  // namespace

double look_at_clock(const CycleCode& cycle, const Clock& clock) {
  cycle.run(cycle_warm_up);
  const double begin = clock();
  cycle.run(cycle_passes_per_look);
  const double seconds = clock() - begin;
  return static_cast<double>(cycle_passes_per_look * CycleCode::cycles_per_pass) / seconds / 1e9;
}

double look_at_clock(const CycleCode& cycle, const Clock& clock, int threads) {
  return sum_over_team(threads, [&](int) { return look_at_clock(cycle, clock); }) / threads;
}

LoadedClock::LoadedClock(const PeakSpec& spec, double seconds_of_pass, double ghz)
    : spec_(spec),
      additions_(
          static_cast<int>(std::ceil(additions_a_cycle(spec) * seconds_of_pass * ghz * 1e9))),
      passes_(std::max<std::int64_t>(1, std::llround(loaded_look_seconds / seconds_of_pass))),
      code_(spec, PeakLoopKind::clock, additions_) {}

double LoadedClock::look(const Clock& clock) const {
  PeakState state(spec_);
  code_.run(passes_, state);
  const double begin = clock();
  code_.run(passes_, state);
  const double seconds = clock() - begin;
  return static_cast<double>(additions_) * static_cast<double>(passes_) / seconds / 1e9;
}

}  // namespace flopmeter
