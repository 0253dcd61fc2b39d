#include "kernels/matmul/batch.h"

#include <algorithm>

#include "counters/op_counts.h"

namespace flopmeter::matmul {

std::int64_t total(const Axes& axes) {
  std::int64_t product = 1;
  for (const std::int64_t axis : axes) {
    product = checked_multiply(product, axis);
  }
  return product;
}

Axes broadcast(const Axes& a, const Axes& b) {
  Axes larger{};
  for (std::size_t i = 0; i < larger.size(); ++i) {
    larger[i] = std::max(a[i], b[i]);
  }
  return larger;
}

Place place(const Axes& source, const Axes& all, std::int64_t element) {
  Place found;
  std::int64_t stride = 1;
  for (std::size_t i = source.size(); i-- > 0; element /= all[i]) {
    const std::int64_t coordinate = element % all[i];
    if (source[i] == 1) {
      found.first = found.first && coordinate == 0;
    } else {
      found.at += coordinate * stride;
      stride *= source[i];
    }
  }
  return found;
}

std::vector<AxisPair> merged(const Axes& a, const Axes& b) {
  std::vector<AxisPair> axes;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == 1 && b[i] == 1) {
      continue;
    }
    const bool alike =
        !axes.empty() && (axes.back().a == 1) == (a[i] == 1) && (axes.back().b == 1) == (b[i] == 1);
    if (alike) {
      axes.back().a *= a[i];
      axes.back().b *= b[i];
    } else {
      axes.push_back({a[i], b[i]});
    }
  }
  return axes;
}

}  // namespace flopmeter::matmul
