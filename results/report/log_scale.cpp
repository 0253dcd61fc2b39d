#include "results/report/log_scale.h"

#include <algorithm>
#include <cmath>

namespace flopmeter::report {

Decades decades_around(std::span<const double> values) {
  double smallest = 0;
  double largest = 0;
  for (const double value : values) {
    if (value > 0 && std::isfinite(value)) {
      smallest = smallest == 0 ? value : std::min(smallest, value);
      largest = std::max(largest, value);
    }
  }
  if (smallest == 0) {
    return {};
  }
  const int first = static_cast<int>(std::floor(std::log10(smallest)));
  const int last = static_cast<int>(std::ceil(std::log10(largest)));
  return {.first = first, .last = std::max(last, first + 1)};
}

double LogScale::operator()(double value) const {
  const double share = (std::log10(value) - decades.first) / (decades.last - decades.first);
  return from + share * (to - from);
}

}  // namespace flopmeter::report
