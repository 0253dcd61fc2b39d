#include "results/report/scaling.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace flopmeter::report {
namespace {

std::int64_t threads_of(const ReportData& data, std::size_t row) {
  return *data.rows[row].record.threads;
}

ScalingStep step_of(const ReportData& data, std::size_t base, std::size_t row) {
  const double speedup = *data.rows[base].record.seconds / *data.rows[row].record.seconds;
  const double more =
      static_cast<double>(threads_of(data, row)) / static_cast<double>(threads_of(data, base));
  return {.row = row, .base = base, .speedup = speedup, .efficiency = speedup / more};
}

}  // namespace

std::vector<ScalingStep> scaling_steps(const ReportData& data) {
  using Key = std::tuple<std::size_t, std::string, std::string>;
  std::map<Key, std::size_t> places;
  std::vector<std::vector<std::size_t>> cases;
  for (std::size_t i = 0; i < data.rows.size(); ++i) {
    const auto& [environment, record] = data.rows[i];
    if (!timed(record) || record.threads.value_or(0) < 1) {
      continue;
    }
    const auto [place, is_new] =
        places.emplace(Key(environment, record.name, record.cache), cases.size());
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

}  // namespace flopmeter::report
