#include "models/onnx/bind/resize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "models/onnx/bind/steps.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/resized_axes.h"

namespace flopmeter::onnx {
namespace {

/// One axis: lengths, and output places for each input place.
struct ResizedAxis {
  std::int64_t in, out;
  double scale;
};

struct Resizing {
  std::vector<ResizedAxis> axes;
  std::string_view mode, places, nearest;
  double cubic = -0.75;
  bool exclude_outside = false;
};

/// Scales where the file gives them: places follow from them, not from the sizes that they are rounded to.
std::optional<std::vector<double>> given_scales(const NodeView& n) {
  if (const AttributeProto* attribute = n.attribute("scales")) {
    return attribute->reals();
  }
  const Content* content = n.content(n.proto.op == "Resize" && n.opset >= 11 ? 2 : 1);
  return content != nullptr && content->real && content->size() > 0 ? std::optional(content->reals)
                                                                    : std::nullopt;
}

Resizing read_resizing(const NodeView& n) {
  const Sizes x = n.sizes(0);
  const Sizes y = n.output_sizes();
  const bool old = n.proto.op != "Resize" || n.opset < 11;
  Resizing r{.axes = {},
             .mode = n.text("mode", "nearest"),
             .places = old ? "asymmetric" : n.text("coordinate_transformation_mode", "half_pixel"),
             .nearest = old ? "floor" : n.text("nearest_mode", "round_prefer_floor"),
             .cubic = n.real("cubic_coeff_a", -0.75),
             .exclude_outside = n.integer("exclude_outside", 0) != 0};
  for (std::size_t i = 0; i < x.size(); ++i) {
    r.axes.push_back({x[i], y[i], static_cast<double>(y[i]) / static_cast<double>(x[i])});
  }
  const auto factors = given_scales(n);
  const auto axes = resized_axes(n);
  for (std::size_t i = 0; factors && i < axes.size() && i < factors->size(); ++i) {
    r.axes[axes[i]].scale = (*factors)[i];
  }
  if (n.integer("antialias", 0) != 0 || r.places == "tf_crop_and_resize" ||
      n.text("keep_aspect_ratio_policy", "stretch") != "stretch") {
    bad_input("with antialias, a crop or a kept aspect ratio it is not run");
  }
  return r;
}

/// Where in the input an output place lies, in input places.
double place_of(const Resizing& r, const ResizedAxis& axis, std::int64_t o) {
  const auto at = static_cast<double>(o);
  if (r.places == "asymmetric") {
    return at / axis.scale;
  }
  if (r.places == "align_corners") {
    // Of the length that the scale asks for, before it is rounded.
    const double last = axis.scale * static_cast<double>(axis.in) - 1;
    return last == 0 ? 0 : at * static_cast<double>(axis.in - 1) / last;
  }
  if (r.places == "pytorch_half_pixel" && axis.out == 1) {
    return 0;
  }
  if (r.places == "tf_half_pixel_for_nn") {
    return (at + 0.5) / axis.scale;
  }
  if (r.places == "half_pixel_symmetric") {
    const double shift =
        static_cast<double>(axis.out) / (axis.scale * static_cast<double>(axis.in));
    const double centre = static_cast<double>(axis.in) / 2;
    return centre * (1 - shift) + (at + 0.5) / axis.scale - 0.5;
  }
  return (at + 0.5) / axis.scale - 0.5;
}

std::int64_t nearest_of(const Resizing& r, const ResizedAxis& axis, std::int64_t o) {
  const double x = place_of(r, axis, o);
  const double rounded = r.nearest == "floor"               ? std::floor(x)
                         : r.nearest == "ceil"              ? std::ceil(x)
                         : r.nearest == "round_prefer_ceil" ? std::floor(x + 0.5)
                                                            : std::ceil(x - 0.5);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(rounded), 0, axis.in - 1);
}

/// Keys 1981, of a distance in input places.
double cubic_weight(double distance, double a) {
  const double d = std::abs(distance);
  return d <= 1  ? ((a + 2) * d - (a + 3)) * d * d + 1
         : d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
                 : 0;
}

/// Row by row the weights of the inputs that an output is made of.
std::vector<float> weight_matrix(const Resizing& r, const ResizedAxis& axis) {
  const bool cubic = r.mode == "cubic";
  std::vector<double> all(static_cast<std::size_t>(axis.in * axis.out), 0);
  for (std::int64_t o = 0; o < axis.out; ++o) {
    const double x = place_of(r, axis, o);
    const auto floor = static_cast<std::int64_t>(std::floor(x));
    double sum = 0;
    for (std::int64_t i = floor - (cubic ? 1 : 0); i <= floor + (cubic ? 2 : 1); ++i) {
      const double distance = x - static_cast<double>(i);
      const bool inside = i >= 0 && i < axis.in;
      const double weight = cubic && r.exclude_outside && !inside ? 0
                            : cubic                               ? cubic_weight(distance, r.cubic)
                                    : std::max(0.0, 1 - std::abs(distance));
      all[static_cast<std::size_t>(o * axis.in + std::clamp<std::int64_t>(i, 0, axis.in - 1))] +=
          weight;
      sum += weight;
    }
    for (std::int64_t i = 0; cubic && r.exclude_outside && i < axis.in; ++i) {
      all[static_cast<std::size_t>(o * axis.in + i)] /= sum;
    }
  }
  return {all.begin(), all.end()};
}

/// The layer takes (o + 1/2) * in / out of squares, or corners on corners, whatever the scale of the file.
bool has_layer(const Resizing& r, const Sizes& x, const Sizes& y) {
  if (x.size() < 3 || x.size() > 5 || x[0] != y[0] || x[1] != y[1] || r.exclude_outside ||
      r.cubic != -0.75) {
    return false;
  }
  return std::ranges::all_of(r.axes, [&](const ResizedAxis& axis) {
    const double ratio = static_cast<double>(axis.out) / static_cast<double>(axis.in);
    if (r.mode == "nearest") {
      for (std::int64_t o = 0; o < axis.out; ++o) {
        if (nearest_of(r, axis, o) != (2 * o + 1) * axis.in / (2 * axis.out)) {
          return false;
        }
      }
      return true;
    }
    const bool half = r.places == "half_pixel" ||
                      (r.places == "pytorch_half_pixel" && (axis.out > 1 || axis.in == 1));
    return axis.in == axis.out || ((half || (r.places == "align_corners" && axis.out > 1)) &&
                                   std::abs(axis.scale - ratio) < 1e-9 * ratio);
  });
}

void by_layer(Steps& steps, const Resizing& r, const Value& x, const Sizes& y) {
  std::string shape = fmt::format("mb{}ic{}", y[0], y[1]);
  constexpr std::string_view letters = "dhw";
  for (std::size_t i = 2; i < y.size(); ++i) {
    const char letter = letters[3 - y.size() + i];
    shape += fmt::format("i{}{}o{}{}", letter, x.dims[i], letter, y[i]);
  }
  shape += r.mode != "nearest" && r.places == "align_corners" ? "corners1" : "";
  const std::string_view layer = r.mode == "nearest" ? "resample_nearest"
                                 : r.mode == "cubic" ? "resample_cubic"
                                                     : "resample_linear";
  steps.finish(steps.layer(layer, shape, {{"src", x}}, y));
}

Value along_axis(Steps& steps, const Resizing& r, const Value& x, std::size_t axis) {
  const ResizedAxis& a = r.axes[axis];
  if (r.mode == "nearest") {
    std::vector<float> places;
    for (std::int64_t o = 0; o < a.out; ++o) {
      places.push_back(static_cast<float>(nearest_of(r, a, o)));
    }
    return steps.gather(x, axis, steps.constant({a.out}, std::move(places)));
  }
  const std::int64_t before = product_of(x.dims, 0, axis);
  const std::int64_t behind = product_of(x.dims, axis + 1, x.dims.size());
  Sizes dims = x.dims;
  dims[axis] = a.out;
  return steps.layer(
      "matmul", fmt::format("1x{0}x{1}:{2}x{1}x{3}", a.out, a.in, before, behind),
      {{"src", steps.constant({1, a.out, a.in}, weight_matrix(r, a))}, {"weights", x}}, dims);
}

}  // namespace

void bind_resize(const Binding& b) {
  const Resizing r = read_resizing(b.view);
  const Sizes y = b.view.output_sizes();
  Steps steps(b);
  Value x = steps.in(0);
  if (has_layer(r, x.dims, y)) {
    return by_layer(steps, r, x, y);
  }
  for (std::size_t axis = 0; axis < y.size(); ++axis) {
    const bool same = r.axes[axis].in == r.axes[axis].out && r.axes[axis].scale == 1;
    x = same ? x : along_axis(steps, r, x, axis);
  }
  steps.finish(x);
}

}  // namespace flopmeter::onnx
