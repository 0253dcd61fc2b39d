#include "bench/statistics.h"

#include <algorithm>
#include <cassert>
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

}  // namespace flopmeter
