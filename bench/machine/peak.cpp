#include "bench/machine/peak.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "bench/machine/team.h"

namespace flopmeter {
namespace {

// Between two looks at the clock: some 12 to 100 microseconds, of which the look takes 0.3 %.
constexpr std::int64_t peak_passes_per_look = 1000;
constexpr int looks_of_candidate = 10;
constexpr double first_burst = 1e-3;
constexpr int looks_at_idle_clock = 10;

}  // namespace

PeakLoop::PeakLoop(const PeakSpec& spec, Clock clock)
    : spec_(spec), clock_(std::move(clock)), code_(spec) {}

/// 1000 passes go before, untimed: CPUs take some 10 microseconds to power wide units up. Sums are
/// left to grow: they stay normal, and setting them back would cost some percent of the time.
double PeakLoop::burst_of_one(double seconds) const {
  PeakState state(spec_);
  code_.run(peak_passes_per_look, state);
  const double begin = clock_();
  double elapsed = 0;
  std::int64_t passes = 0;
  while (elapsed < seconds || passes == 0) {
    code_.run(peak_passes_per_look, state);
    passes += peak_passes_per_look;
    elapsed = clock_() - begin;
  }
  return static_cast<double>(operations(passes)) / elapsed;
}

double PeakLoop::burst(int threads, double seconds) const {
  return sum_over_team(threads, [&](int) { return burst_of_one(seconds); });
}

PeakLook PeakLoop::look(int threads, double seconds, const LoadedClock& loaded) const {
  std::vector<PeakLook> looks(static_cast<std::size_t>(threads));
  run_team(threads, [&](int thread) {
    PeakLook& own = looks[static_cast<std::size_t>(thread)];
    own.rate = burst_of_one(seconds);
    own.ghz = loaded.look(clock_);
  });
  PeakLook all;
  for (const PeakLook& own : looks) {
    all.rate += own.rate;
    all.ghz += own.ghz / threads;
  }
  return all;
}

LoadedClock PeakLoop::loaded_clock(int threads) const {
  const double rate = burst(threads, first_burst) / threads;
  const CycleCode cycle;
  double ghz = 0;
  for (int i = 0; i < looks_at_idle_clock; ++i) {
    ghz = std::max(ghz, look_at_clock(cycle, clock_, threads));
  }
  return {spec_, static_cast<double>(operations(1)) / rate, ghz};
}

const PeakSpec& peak_spec(Dtype dtype, const Clock& clock) {
  return fastest(peak_candidates(dtype), [&](const PeakSpec& spec) {
    const PeakLoop loop(spec, clock);
    double best = 0;
    for (int i = 0; i < looks_of_candidate; ++i) {
      best = std::max(best, loop.burst(1, look_seconds));
    }
    return best;
  });
}

}  // namespace flopmeter
