#include "bench/measurement.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/statistics.h"

namespace flopmeter {
namespace {

double ceiling_spread(std::span<const Sample> samples) {
  std::vector<double> ceilings;
  std::ranges::transform(samples, std::back_inserter(ceilings), &Sample::ceiling);
  return spread(ceilings);
}

double sample_deviation(std::span<const Sample> samples) {
  std::vector<double> seconds;
  std::ranges::transform(samples, std::back_inserter(seconds), &Sample::seconds);
  return median_deviation(seconds);
}

}  // namespace

Verdict judge(std::span<const Sample> samples, double operations) {
  const double moved = ceiling_spread(samples);
  if (moved > noisy_above) {
    return {"noisy",
            fmt::format("the measured peak moved by {:.1f} % between the samples", 100 * moved)};
  }
  const double deviation = sample_deviation(samples);
  if (deviation > noisy_above) {
    return {"noisy", fmt::format("half of the samples lie {:.1f} % or more from their median",
                                 100 * deviation)};
  }
  const double percent = percent_of_peak(samples, operations);
  if (percent > 100 * (1 + std::max(moved, 0.01))) {
    return {"mistrusted",
            fmt::format("{:.1f} % of the measured peak: other instructions than the peak's, or "
                        "fewer operations than counted",
                        percent)};
  }
  return {"ok", ""};
}

double percent_of_peak(std::span<const Sample> samples, double operations) {
  std::vector<double> percentages;
  for (const Sample& sample : samples) {
    percentages.push_back(100 * operations / sample.seconds / sample.ceiling);
  }
  return median(percentages);
}

}  // namespace flopmeter
