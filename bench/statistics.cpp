#include "bench/statistics.h"

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
