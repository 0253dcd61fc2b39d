#include "bench/machine/peak.h"

#include <fmt/format.h>
#include <omp.h>

#include <stdexcept>
#include <utility>

namespace flopmeter {
namespace {

// Between two looks at the clock: some 30 to 100 microseconds, of which the look takes 0.1 %.
constexpr std::int64_t passes_per_look = 1000;

}  // namespace

PeakLoop::PeakLoop(const PeakSpec& spec, Clock clock)
    : spec_(spec), clock_(std::move(clock)), code_(spec) {}

std::int64_t PeakLoop::operations(std::int64_t passes) const {
  return passes * spec_.unroll() * spec_.accumulators * spec_.operations;
}

/// One look's worth goes before, untimed: CPUs take some 10 microseconds to power wide units up.
double PeakLoop::burst_of_one(double seconds) const {
  const std::vector<float> start = peak_start(spec_);
  std::vector<float> accumulators = start;
  code_.run(passes_per_look, accumulators.data());
  const double begin = clock_();
  double elapsed = 0;
  std::int64_t passes = 0;
  while (elapsed < seconds || passes == 0) {
    accumulators = start;
    code_.run(passes_per_look, accumulators.data());
    passes += passes_per_look;
    elapsed = clock_() - begin;
  }
  return static_cast<double>(operations(passes)) / elapsed;
}

double PeakLoop::burst(int threads, double seconds) const {
  if (threads == 1) {
    return burst_of_one(seconds);
  }
  double total = 0;
  int present = 0;
#pragma omp parallel num_threads(threads) reduction(+ : total, present)
  {
#pragma omp barrier
    total += burst_of_one(seconds);
    present += 1;
  }
  if (present != threads) {
    throw std::runtime_error(fmt::format("{} threads asked for, OpenMP gave {}", threads, present));
  }
  return total;
}

}  // namespace flopmeter
