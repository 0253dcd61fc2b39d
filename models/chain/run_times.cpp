#include "models/chain/run_times.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

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

namespace {

/// Student's t, 97.5 %, of 1, 2, ... degrees of freedom.
constexpr std::array<double, most_blocks - 1> student{12.706, 4.303, 3.182, 2.776,
                                                      2.571,  2.447, 2.365};

std::vector<double> medians_of(std::span<const double> seconds, std::span<const std::size_t> ends) {
  std::vector<double> all;
  std::size_t first = 0;
  for (const std::size_t end : ends) {
    if (end > first) {
      all.push_back(median(seconds.subspan(first, end - first)));
    }
    first = end;
  }
  return all;
}

/// Half the width of the prediction interval of one more.
double half_width(const std::vector<double>& medians) {
  const auto n = static_cast<double>(medians.size());
  const double mean = std::accumulate(medians.begin(), medians.end(), 0.0) / n;
  double squares = 0;
  for (const double one : medians) {
    squares += (one - mean) * (one - mean);
  }
  const std::size_t freedom = std::min(medians.size() - 1, student.size());
  return student[freedom - 1] * std::sqrt(squares / (n - 1) * (1 + 1 / n));
}

}  // namespace

Latency latency_of_blocks(std::span<const double> seconds, std::span<const std::size_t> ends) {
  Latency latency = latency_of({seconds.begin(), seconds.end()});
  const std::vector<double> medians = medians_of(seconds, ends);
  latency.blocks = medians.size();
  if (medians.size() > 1) {
    const double half = half_width(medians);
    const double high = latency.median + half;
    // By the same ratio downwards: blocks that differ much would take a difference below 0.
    const double low = high > 0 ? latency.median * (latency.median / high) : 0;
    latency.low = std::min(latency.low, low);
    latency.high = std::max(latency.high, high);
  }
  return latency;
}

std::vector<std::size_t> even_blocks(std::size_t runs) {
  const std::size_t blocks = std::min(runs, most_blocks);
  std::vector<std::size_t> ends;
  for (std::size_t i = 1; i <= blocks; ++i) {
    ends.push_back(i * runs / blocks);
  }
  return ends;
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

RunTimes run_times(std::span<const std::vector<double>> samples, double reading,
                   std::vector<std::size_t> ends) {
  std::vector<double> wholes(samples.front().size(), 0);
  ends = ends.empty() ? even_blocks(wholes.size()) : std::move(ends);
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
  RunTimes times{.latency = latency_of_blocks(wholes, ends),
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
