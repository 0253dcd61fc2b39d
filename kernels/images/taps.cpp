#include "kernels/images/taps.h"

#include <algorithm>

namespace flopmeter::images {
namespace {

/// Keys' kernel for pixels at distances 1 + f, f, 1 - f and 2 - f.
std::array<double, 4> cubic_weights(double f) {
  constexpr double a = -0.75;
  const auto near = [](double x) { return ((a + 2) * x - (a + 3)) * x * x + 1; };
  const auto far = [](double x) { return ((x - 5) * x + 8) * x * a - 4 * a; };
  return {far(1 + f), near(f), near(1 - f), far(2 - f)};
}

/// So that no product of two sizes overflows, and no place is rounded to another pixel.
__extension__ using Wide = __int128;

/// A place on the axis, numerator / denominator, and the step from one output to the next.
struct Ratio {
  Wide numerator;
  Wide denominator;
  Wide step;
};

/// o (in - 1) / (out - 1) with corners on corners, else (o + 1/2) in / out - 1/2. The nearest pixel is
/// the one whose square contains the place: half a pixel further on.
Ratio ratio(const Axis& axis, Wide output) {
  const Wide in = axis.inputs;
  const Wide out = axis.outputs;
  if (axis.taps() == 1) {
    return {(2 * output + 1) * in, 2 * out, 2 * in};
  }
  if (axis.corners) {
    return out == 1 ? Ratio{0, 1, 0} : Ratio{output * (in - 1), out - 1, in - 1};
  }
  return {(2 * output + 1) * in - out, 2 * out, 2 * in};
}

}  // namespace

Axis::Place Axis::place(std::int64_t output) const {
  const auto [numerator, denominator, step] = ratio(*this, output);
  const Wide rest = (numerator % denominator + denominator) % denominator;
  return {static_cast<std::int64_t>((numerator - rest) / denominator),
          static_cast<double>(rest) / static_cast<double>(denominator)};
}

std::int64_t Axis::taps() const {
  if (inputs == outputs || inputs == 1 || kernel == Kernel::nearest) {
    return 1;
  }
  return kernel == Kernel::linear ? 2 : 4;
}

std::int64_t Axis::first(std::int64_t output) const {
  const std::int64_t pixel = place(output).pixel;
  switch (taps()) {
    case 4:
      return pixel - 1;
    case 2:
      return std::max<std::int64_t>(pixel, 0);
    default:
      return pixel;
  }
}

/// Outputs lie a step apart, so the first pixels of two neighbours are the step rounded down or up
/// apart: either all windows of taps are apart, or each meets or overlaps the next.
std::int64_t Axis::touched() const {
  const std::int64_t begin = first(0);
  const std::int64_t end = first(outputs - 1) + taps();
  const Ratio steps = ratio(*this, 0);
  const bool apart = steps.step >= taps() * steps.denominator;
  const std::int64_t windows = apart ? outputs * taps() : end - begin;
  return windows - std::max<std::int64_t>(0, -begin) - std::max<std::int64_t>(0, end - inputs);
}

AxisTaps axis_taps(const Axis& axis) {
  const std::int64_t taps = axis.taps();
  AxisTaps all{axis.inputs, axis.outputs, taps, {}, {}};
  for (std::int64_t o = 0; o < axis.outputs; ++o) {
    const auto [pixel, fraction] = axis.place(o);
    const double f = taps == 2 && pixel < 0 ? 0 : fraction;
    const std::array<double, 4> weights = taps == 4   ? cubic_weights(f)
                                          : taps == 2 ? std::array<double, 4>{1 - f, f}
                                                      : std::array<double, 4>{1};
    for (std::int64_t i = 0; i < taps; ++i) {
      all.pixels.push_back(std::clamp<std::int64_t>(axis.first(o) + i, 0, axis.inputs - 1));
      all.weights.push_back(weights[static_cast<std::size_t>(i)]);
    }
  }
  return all;
}

}  // namespace flopmeter::images
