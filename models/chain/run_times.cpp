#include "models/chain/run_times.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "statistics/statistics.h"

namespace flopmeter::models {

Latency latency_of(std::vector<double> seconds) {
  std::ranges::sort(seconds);
  const auto n = static_cast<double>(seconds.size());
  const auto at = [&](double rank) {
    return seconds[static_cast<std::size_t>(std::clamp(rank, 0.0, n - 1))];
  };
  const double half = 0.98 * std::sqrt(n);
  return {.median = median(seconds),
          .low = at(std::floor(n / 2 - half)),
          .high = at(std::ceil(n / 2 + half)),
          .p90 = percentile(seconds, 0.9),
          .p99 = percentile(seconds, 0.99),
          .mean = std::accumulate(seconds.begin(), seconds.end(), 0.0) / n,
          .runs = seconds.size()};
}

std::vector<std::size_t> middle_runs(std::span<const double> wholes) {
  std::vector<std::size_t> order(wholes.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t run) { return wholes[run]; });
  const double middle = median(wholes);
  std::size_t first = (order.size() - 1) / 2;
  std::size_t end = order.size() / 2 + 1;
  double sum = 0;
  for (std::size_t i = first; i < end; ++i) {
    sum += wholes[order[i]];
  }
  std::size_t best = first;
  while (first > 0) {
    sum += wholes[order[--first]] + wholes[order[end++]];
    const double mean = sum / static_cast<double>(end - first);
    best = std::abs(mean - middle) <= most_from_median * middle ? first : best;
  }
  return {order.begin() + static_cast<std::ptrdiff_t>(best),
          order.end() - static_cast<std::ptrdiff_t>(best)};
}

RunTimes run_times(std::span<const std::vector<double>> samples, double reading) {
  std::vector<double> wholes(samples.front().size(), 0);
  for (const std::vector<double>& part : samples) {
    for (std::size_t run = 0; run < wholes.size(); ++run) {
      wholes[run] += part[run];
    }
  }
  const std::vector<std::size_t> middle = middle_runs(wholes);
  const auto mean_of = [&](const std::vector<double>& all) {
    double sum = 0;
    for (const std::size_t run : middle) {
      sum += all[run];
    }
    return sum / static_cast<double>(middle.size());
  };
  RunTimes times{.latency = latency_of(wholes),
                 .parts = {},
                 .whole_seconds = mean_of(wholes),
                 .rows_of = middle.size()};
  for (const std::vector<double>& part : samples) {
    const double with_clock = mean_of(part);
    const double of_clock = std::min(reading, with_clock);
    times.parts.push_back(with_clock - of_clock);
    times.clock_seconds += of_clock;
  }
  return times;
}

}  // namespace flopmeter::models
