#include "kernels/images/taps.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace flopmeter::images {
namespace {

/// Keys' kernel for pixels at distances 1 + f, f, 1 - f and 2 - f.
std::array<double, 4> cubic_weights(double f) {
  constexpr double a = -0.75;
  const auto near = [](double x) { return ((a + 2) * x - (a + 3)) * x * x + 1; };
  const auto far = [](double x) { return ((x - 5) * x + 8) * x * a - 4 * a; };
  return {far(1 + f), near(f), near(1 - f), far(2 - f)};
}

/// Where output o lies among the pixels.
double coordinate(std::int64_t o, std::int64_t inputs, std::int64_t outputs, bool corners) {
  const auto in = static_cast<double>(inputs);
  const auto out = static_cast<double>(outputs);
  const auto at = static_cast<double>(o);
  if (corners) {
    return outputs == 1 ? 0 : at * (in - 1) / (out - 1);
  }
  return (at + 0.5) * in / out - 0.5;
}

}  // namespace

std::int64_t AxisTaps::touched() const {
  return std::ssize(std::set<std::int64_t>(pixels.begin(), pixels.end()));
}

AxisTaps axis_taps(std::int64_t inputs, std::int64_t outputs, Kernel kernel, bool corners) {
  const bool copied = inputs == outputs || inputs == 1;
  const std::int64_t taps = copied || kernel == Kernel::nearest ? 1
                            : kernel == Kernel::linear          ? 2
                                                                : 4;
  AxisTaps axis{inputs, outputs, taps, {}, {}};
  for (std::int64_t o = 0; o < outputs; ++o) {
    if (taps == 1) {
      axis.pixels.push_back(inputs == outputs ? o : (2 * o + 1) * inputs / (2 * outputs));
      axis.weights.push_back(1);
      continue;
    }
    double x = coordinate(o, inputs, outputs, corners);
    if (taps == 2) {
      x = std::max(x, 0.0);
    }
    const auto first = static_cast<std::int64_t>(std::floor(x)) - (taps == 4 ? 1 : 0);
    const double f = x - std::floor(x);
    const std::array<double, 4> weights =
        taps == 4 ? cubic_weights(f) : std::array<double, 4>{1 - f, f, 0, 0};
    for (std::int64_t i = 0; i < taps; ++i) {
      axis.pixels.push_back(std::clamp<std::int64_t>(first + i, 0, inputs - 1));
      axis.weights.push_back(weights[static_cast<std::size_t>(i)]);
    }
  }
  return axis;
}

}  // namespace flopmeter::images
