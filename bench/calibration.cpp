#include "bench/calibration.h"

#include <algorithm>
#include <utility>

#include "bench/machine/peak.h"

namespace flopmeter {
namespace {

constexpr double longest = 0.1;
constexpr double just_now = 5e-3;  // Google Benchmark takes some microseconds between repetitions

}  // namespace

double burst_seconds(double sample_seconds) {
  return std::clamp(sample_seconds, shortest_burst, longest);
}

Calibration::Calibration(Burst burst, Clock clock)
    : burst_(std::move(burst)), clock_(std::move(clock)) {}

double Calibration::before(double seconds) {
  if (last_ && clock_() - last_->end < just_now && last_->seconds >= seconds / 2) {
    return last_->rate;
  }
  return after(seconds);
}

double Calibration::after(double seconds) {
  const double rate = burst_(seconds);
  last_ = {rate, seconds, clock_()};
  return rate;
}

}  // namespace flopmeter
