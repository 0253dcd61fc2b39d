// Which pixels an output of a resampled axis is made of, with what weights.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace flopmeter::images {

enum class Kernel { nearest, linear, cubic };

/// One axis that is resampled. `corners`: the first and the last pixels lie on each other; else pixels
/// are squares. Nothing here takes longer for a longer axis.
struct Axis {
  std::int64_t inputs;
  std::int64_t outputs;
  Kernel kernel;
  bool corners;

  /// Where an output lies: the pixel at or before it, which may be -1, and how far behind that.
  struct Place {
    std::int64_t pixel;
    double fraction;
  };
  Place place(std::int64_t output) const;

  /// Pixels that each output is made of: 1 where the axis keeps its size or has one pixel.
  std::int64_t taps() const;
  /// The first of them, which may lie before the first pixel.
  std::int64_t first(std::int64_t output) const;
  /// Inputs that some output is made of.
  std::int64_t touched() const;
};

/// Pixels and weights of all outputs of an axis; pixels beyond an edge are those at the edge.
struct AxisTaps {
  std::int64_t inputs;
  std::int64_t outputs;
  std::int64_t taps;
  std::vector<std::int64_t> pixels;  // outputs x taps
  std::vector<double> weights;
};

AxisTaps axis_taps(const Axis& axis);

/// Calls work(output, input, weight, whether there is a weight) for all terms of all outputs, the
/// three axes as one.
template <class Work>
void for_terms(const std::array<AxisTaps, 3>& axes, const Work& work) {
  const auto& [d, h, w] = axes;
  const bool weighted = d.taps * h.taps * w.taps != 1;
  std::int64_t out = 0;
  for (std::int64_t od = 0; od < d.outputs; ++od) {
    for (std::int64_t oh = 0; oh < h.outputs; ++oh) {
      for (std::int64_t ow = 0; ow < w.outputs; ++ow, ++out) {
        for (std::int64_t a = od * d.taps; a < (od + 1) * d.taps; ++a) {
          for (std::int64_t b = oh * h.taps; b < (oh + 1) * h.taps; ++b) {
            for (std::int64_t c = ow * w.taps; c < (ow + 1) * w.taps; ++c) {
              const auto at = [](std::int64_t i) { return static_cast<std::size_t>(i); };
              const std::int64_t in =
                  (d.pixels[at(a)] * h.inputs + h.pixels[at(b)]) * w.inputs + w.pixels[at(c)];
              work(out, in, d.weights[at(a)] * h.weights[at(b)] * w.weights[at(c)], weighted);
            }
          }
        }
      }
    }
  }
}

}  // namespace flopmeter::images
