#include "bench/measurement.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/roofline.h"
#include "statistics/statistics.h"

namespace flopmeter {
namespace {

double deviation_of(std::span<const Sample> samples, double Sample::*member) {
  std::vector<double> values;
  std::ranges::transform(samples, std::back_inserter(values), member);
  return median_deviation(values);
}

/// Of what `percentage` says of each sample.
double median_over(std::span<const Sample> samples, auto percentage) {
  std::vector<double> percentages;
  std::ranges::transform(samples, std::back_inserter(percentages), percentage);
  return median(percentages);
}

double percent_of_bandwidth(std::span<const Sample> samples, double bytes) {
  return median_over(samples, [&](const Sample& sample) {
    return sample.bandwidth > 0 ? 100 * bytes / sample.seconds / sample.bandwidth : 0;
  });
}

/// Whether a percentage of a ceiling of this deviation is more than it can be.
bool beats(double percent, double deviation) {
  return percent > 100 * (1 + std::max(3 * deviation, 0.01));
}

std::string half_lie_off(std::string_view what, double deviation) {
  return fmt::format("half of the {} lie {:.1f} % or more from their median", what,
                     100 * deviation);
}

/// Of a kernel that reaches so many percent of the peak. A bandwidth that does not bound it may
/// move.
Verdict judge_memory(std::span<const Sample> samples, double percent_of_peak, double bytes) {
  const double percent = percent_of_bandwidth(samples, bytes);
  if (percent <= percent_of_peak) {
    return {"ok", ""};
  }
  const double deviation = deviation_of(samples, &Sample::bandwidth);
  if (beats(percent, deviation)) {
    return {
        "mistrusted",
        fmt::format("{:.1f} % of the measured bandwidth: operands left out, or found nearer than "
                    "a loop of their size finds them",
                    percent)};
  }
  if (deviation > bandwidth_noisy_above) {
    return {"noisy", half_lie_off("measured bandwidths", deviation)};
  }
  return {"ok", ""};
}

}  // namespace

double sample_deviation(std::span<const Sample> samples) {
  return deviation_of(samples, &Sample::seconds);
}

Verdict judge(std::span<const Sample> samples, double operations, double bytes) {
  const double moved = deviation_of(samples, &Sample::ceiling);
  if (moved > noisy_above) {
    return {"noisy", half_lie_off("measured peaks", moved)};
  }
  const double deviation = sample_deviation(samples);
  if (deviation > noisy_above) {
    return {"noisy", half_lie_off("samples", deviation)};
  }
  const double percent = percent_of_peak(samples, operations);
  if (beats(percent, moved)) {
    return {"mistrusted",
            fmt::format("{:.1f} % of the measured peak: other instructions than the peak's, or "
                        "fewer operations than counted",
                        percent)};
  }
  return judge_memory(samples, percent, bytes);
}

Verdict judge_company(const std::optional<double>& other_cores, bool shared,
                      std::string_view memory_level) {
  if (!shared || other_cores.value_or(0) <= other_cores_above) {
    return {"ok", ""};
  }
  return {"noisy", fmt::format("other processes kept {:.1f} cores busy, which share {} with it",
                               *other_cores, memory_level)};
}

double percent_of_attainable(std::span<const Sample> samples, double operations, double bytes) {
  return median_over(samples, [&](const Sample& sample) {
    const Roofs roofs{sample.ceiling, sample.bandwidth};
    return 100 * seconds_under(roofs, operations, bytes) / sample.seconds;
  });
}

double percent_of_peak(std::span<const Sample> samples, double operations) {
  return median_over(samples, [&](const Sample& sample) {
    return 100 * operations / sample.seconds / sample.ceiling;
  });
}

}  // namespace flopmeter
