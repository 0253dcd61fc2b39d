#include "results/report/scaling.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "statistics/statistics.h"

namespace flopmeter::report {
namespace {

constexpr std::size_t most_drawn_steps = 300;

std::int64_t threads_of(const ReportData& data, std::size_t row) { return *data.all[row].threads; }

ScalingStep step_of(const ReportData& data, std::size_t base, std::size_t row) {
  const double speedup = *data.all[base].seconds / *data.all[row].seconds;
  const double more =
      static_cast<double>(threads_of(data, row)) / static_cast<double>(threads_of(data, base));
  return {.row = row, .base = base, .speedup = speedup, .efficiency = speedup / more};
}

}  // namespace

std::vector<ScalingStep> scaling_steps(const ReportData& data) {
  const auto key_of = [](const BriefRow& r) {
    return std::tuple(r.environment, r.layer, r.pass, r.backend, r.dtype, r.shape, r.name, r.cache);
  };
  std::map<decltype(key_of({})), std::size_t> places;
  std::vector<std::vector<std::size_t>> cases;
  for (std::size_t i = 0; i < data.all.size(); ++i) {
    const BriefRow& row = data.all[i];
    if (!timed(row) || row.threads.value_or(0) < 1) {
      continue;
    }
    const auto [place, is_new] = places.emplace(key_of(row), cases.size());
    (is_new ? cases.emplace_back() : cases[place->second]).push_back(i);
  }
  std::vector<ScalingStep> steps;
  for (std::vector<std::size_t>& rows : cases) {
    std::ranges::sort(rows, {}, [&](std::size_t row) { return threads_of(data, row); });
    for (std::size_t i = 1; i < rows.size(); ++i) {
      steps.push_back(step_of(data, rows.front(), rows[i]));
    }
  }
  return steps;
}

std::vector<ScalingStep> drawn_steps(const std::vector<ScalingStep>& steps) {
  if (steps.size() <= most_drawn_steps) {
    return steps;
  }
  std::vector<std::size_t> order(steps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return steps[i].speedup; });
  std::vector<std::size_t> drawn = evenly(order, most_drawn_steps);
  std::ranges::sort(drawn);
  std::vector<ScalingStep> some;
  std::ranges::transform(drawn, std::back_inserter(some), [&](std::size_t i) { return steps[i]; });
  return some;
}

double median_speedup(const std::vector<ScalingStep>& steps) {
  std::vector<double> speedups;
  std::ranges::transform(steps, std::back_inserter(speedups), &ScalingStep::speedup);
  return median(speedups);
}

}  // namespace flopmeter::report
