// Resize and its relatives: an output sample is a mean of input samples around its place.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/product.h"
#include "models/onnx/ops/resized_axes.h"
#include "models/onnx/ops/window.h"

namespace flopmeter::onnx {
namespace {

Dim scaled(const Dim& size, double scale) {
  if (!size.known()) {
    return scale == 1 ? size : Dim::unknown(fmt::format("{}*{}", scale, size.text()));
  }
  const double result = std::floor(static_cast<double>(size.value()) * scale);
  if (!(result >= 0 && result < 9e15)) {
    bad_input("a dimension of {} times {}", size.value(), scale);
  }
  return static_cast<std::int64_t>(result);
}

std::vector<double> scales_of(const NodeView& n, std::size_t input) {
  const AttributeProto* attribute = n.attribute("scales");
  if (attribute != nullptr) {
    // The blocked layout's has whole ones.
    const std::vector<std::int64_t> whole = attribute->integers();
    std::vector<double> reals = attribute->reals();
    return reals.empty() ? std::vector<double>(whole.begin(), whole.end()) : reals;
  }
  const Content* content = n.content(input);
  if (content == nullptr || !content->real) {
    throw Undetermined("its scales are known during a run only");
  }
  return content->reals;
}

bool empty_input(const NodeView& n, std::size_t i) {
  return !n.has(i) || (n.in(i).dims && n.in(i).dims->size() == 1 && (*n.in(i).dims)[0].is(0));
}

/// With a policy, sizes are bounds and the aspect ratio is kept.
Dims kept_ratio(const NodeView& n, const Dims& sizes, const std::vector<std::size_t>& axes,
                bool larger) {
  Dims out = n.dims(0);
  const auto wanted = known_sizes(sizes);
  double scale = larger ? 0 : INFINITY;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const double ratio =
        static_cast<double>(wanted[i]) / static_cast<double>(known_sizes({out[axes[i]]}).front());
    scale = larger ? std::max(scale, ratio) : std::min(scale, ratio);
  }
  for (const std::size_t axis : axes) {
    out[axis] =
        static_cast<std::int64_t>(std::floor(scale * static_cast<double>(out[axis].value()) + 0.5));
  }
  return out;
}

/// Upsample and Resize 10 have scales second, Resize 11 third, and sizes fourth.
Dims resized(const NodeView& n) {
  Dims out = n.dims(0);
  const std::vector<std::size_t> axes = resized_axes(n);
  if (n.opset >= 11 && n.proto.op == "Resize" && !empty_input(n, 3)) {
    const Dims sizes = n.integers(3);
    if (sizes.size() != axes.size()) {
      bad_input("{} sizes for {} axes", sizes.size(), axes.size());
    }
    const std::string_view policy = n.text("keep_aspect_ratio_policy", "stretch");
    if (policy != "stretch") {
      return kept_ratio(n, sizes, axes, policy == "not_smaller");
    }
    for (std::size_t i = 0; i < axes.size(); ++i) {
      out[axes[i]] = sizes[i];
    }
    return out;
  }
  const auto scales = scales_of(n, n.opset >= 11 && n.proto.op == "Resize" ? 2 : 1);
  if (scales.size() != axes.size()) {
    bad_input("{} scales for {} axes", scales.size(), axes.size());
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    out[axes[i]] = scaled(out[axes[i]], scales[i]);
  }
  return out;
}

void infer_resize(NodeView& n) { n.set(0, n.in(0).elem, resized(n)); }

Lowered lower_resize(const NodeView& n) {
  const std::string_view mode = n.text("mode", "nearest");
  const std::string_view places = n.text("coordinate_transformation_mode", "half_pixel");
  if (places == "tf_crop_and_resize") {
    return not_understood("no layer counts Resize of a region that is cut out");
  }
  if (mode == "nearest") {
    return moves("gather");
  }
  if (n.integer("exclude_outside", 0) != 0) {
    return not_understood("no layer counts Resize that leaves out what lies outside");
  }
  auto x = n.sizes(0);
  auto y = n.output_sizes();
  if (x.size() > 3 && x.back() == y.back() && x[1] != y[1]) {
    // Channels behind.
    std::rotate(x.begin() + 1, x.end() - 1, x.end());
    std::rotate(y.begin() + 1, y.end() - 1, y.end());
  }
  if (x.size() < 3 || x.size() > 5 || x[0] != y[0] || x[1] != y[1]) {
    return not_understood(fmt::format("no layer counts Resize of mode {} from {} to {}", mode,
                                      to_string(n.dims(0)), to_string(*n.outputs[0].dims)));
  }
  Fields fields{{"mb", x[0]}, {"ic", x[1]}};
  std::vector<std::int64_t> in(x.begin() + 2, x.end());
  std::vector<std::int64_t> out(y.begin() + 2, y.end());
  in.insert(in.begin(), 3 - in.size(), 1);
  out.insert(out.begin(), 3 - out.size(), 1);
  append_spatial(fields, 'i', in);
  append_spatial(fields, 'o', out);
  fields.emplace_back("corners", places == "align_corners" ? 1 : 0);
  return one_layer(mode == "cubic" ? "resample_cubic" : "resample_linear", fields);
}

void infer_grid_sample(NodeView& n) {
  const Dims& x = n.dims(0);
  const Dims& grid = n.dims(1);
  if (x.size() < 3 || grid.size() != x.size()) {
    bad_input("an image of {} dimensions and a grid of {}", x.size(), grid.size());
  }
  Dims out{x[0], x[1]};
  out.insert(out.end(), grid.begin() + 1, grid.end() - 1);
  n.set(0, n.in(0).elem, std::move(out));
}

void infer_affine_grid(NodeView& n) {
  const Dims& size = n.integers(1);
  if (size.size() < 4) {
    bad_input("a size of {} dimensions", size.size());
  }
  Dims out{size[0]};
  out.insert(out.end(), size.begin() + 2, size.end());
  out.emplace_back(static_cast<std::int64_t>(size.size()) - 2);
  n.set(0, n.in(0).elem, std::move(out));
}

/// Places of the grid are scaled to the image as the frameworks write it, ((x + 1) * size - 1) / 2, or
/// (x + 1) / 2 * (size - 1) for aligned corners. Of each the neighbours have weights, products of what
/// lies between, which every channel is multiplied with. Comparisons with the borders are no FLOPs.
Lowered lower_grid_sample(const NodeView& n) {
  const auto y = n.output_sizes();
  const std::string_view mode = n.text("mode", n.opset < 20 ? "bilinear" : "linear");
  const auto axes = static_cast<std::int64_t>(y.size()) - 2;
  if (mode.ends_with("cubic") || axes > 3) {
    return not_understood(
        fmt::format("no layer counts GridSample of mode {}, {} axes", mode, axes));
  }
  const std::int64_t places = y[0] * product_of(y, 2, y.size());
  const std::int64_t coordinates = places * axes;
  Lowered lowered;
  lowered.layers = {binary_use("add", {coordinates}, {1}, "one"),
                    binary_use("mul", {coordinates}, {1}, "size")};
  if (n.integer("align_corners", 0) == 0) {
    lowered.layers.push_back(binary_use("sub", {coordinates}, {1}, "centre"));
  }
  lowered.layers.push_back(binary_use("div", {coordinates}, {1}, "half"));
  if (mode == "nearest") {
    lowered.layers.push_back(unary_use("round", coordinates, "round"));
    return lowered;
  }
  lowered.layers.push_back(unary_use("floor", coordinates, "floor"));
  lowered.layers.push_back(binary_use("sub", {coordinates}, {coordinates}, "fraction"));
  lowered.layers.push_back(binary_use("sub", {1}, {coordinates}, "complement"));
  for (std::int64_t axis = 2; axis <= axes; ++axis) {
    const std::int64_t weights = places << axis;
    lowered.layers.push_back(
        binary_use("mul", {weights}, {weights}, fmt::format("weights{}", axis)));
  }
  const std::int64_t neighbours = std::int64_t{1} << axes;
  const std::int64_t values = places * y[1];
  const Sizes terms{values, neighbours};
  lowered.layers.push_back(binary_use("mul", terms, terms, "products"));
  lowered.layers.push_back(
      {"reduce_sum", {}, "sum", 1, fmt::format("{}x{}:{}x1", values, neighbours, values)});
  return lowered;
}

/// All places of a grid that depends on sizes alone, with a 1 behind them, times each sample's matrix.
Lowered lower_affine_grid(const NodeView& n) {
  const auto y = n.output_sizes();
  const auto axes = y.back();
  const std::int64_t places = product_of(y, 1, y.size() - 1);
  Lowered lowered;
  lowered.layers = {matmul_use({y[0], places, axes + 1}, {y[0], axes + 1, axes})};
  return lowered;
}

void infer_center_crop_pad(NodeView& n) {
  Dims out = n.dims(0);
  const auto axes = resized_axes(n);
  const Dims& sizes = n.integers(1);
  for (std::size_t i = 0; i < axes.size() && i < sizes.size(); ++i) {
    out[axes[i]] = sizes[i];
  }
  n.set(0, n.in(0).elem, std::move(out));
}

Lowered lower_crop(const NodeView&) { return moves("copy"); }

constexpr std::array resampling_rows{
    Operator{"", "Resize", infer_resize, lower_resize},
    Operator{"", "Upsample", infer_resize, lower_resize},
    Operator{"", "GridSample", infer_grid_sample, lower_grid_sample},
    Operator{"", "AffineGrid", infer_affine_grid, lower_affine_grid},
    Operator{"", "CenterCropPad", infer_center_crop_pad, lower_crop},
    Operator{nchwc, "Upsample", infer_resize, lower_resize},
};

}  // namespace

std::vector<std::size_t> resized_axes(const NodeView& n) {
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : n.integers_of("axes")) {
    axes.push_back(n.axis(axis, n.rank(0)));
  }
  for (std::size_t i = 0; n.integers_of("axes").empty() && i < n.dims(0).size(); ++i) {
    axes.push_back(i);
  }
  return axes;
}

std::span<const Operator> resampling_operators() { return resampling_rows; }

}  // namespace flopmeter::onnx
