#include "statistics/statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>
#include <vector>

namespace flopmeter {

double median(std::span<const double> values) {
  assert(!values.empty());
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double percentile(std::span<const double> values, double share) {
  assert(!values.empty() && share > 0 && share <= 1);
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  // 0.9 x 10 is a little above 9 in binary.
  const double rank = std::ceil(share * static_cast<double>(sorted.size()) - 1e-9);
  return sorted[static_cast<std::size_t>(rank) - 1];
}

double spread(std::span<const double> values) {
  const auto [smallest, largest] = std::ranges::minmax(values);
  return (largest - smallest) / median(values);
}

double median_deviation(std::span<const double> values) {
  const double middle = median(values);
  std::vector<double> deviations;
  deviations.reserve(values.size());
  std::ranges::transform(values, std::back_inserter(deviations),
                         [&](double value) { return std::abs(value - middle); });
  return median(deviations) / middle;
}

}  // namespace flopmeter
