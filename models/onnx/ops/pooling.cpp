// Pooling over windows, over everything, and over regions of interest.
#include <array>

#include "counters/op_counts.h"
#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/quantized.h"
#include "models/onnx/ops/window.h"

namespace flopmeter::onnx {
namespace {

/// Dimensions with the channels second, wherever the operator has them.
Dims image_of(const NodeView& n) {
  return has_channels_last(n) ? channels_second(n.dims(0)) : n.dims(0);
}

Dims in_its_order(const NodeView& n, Dims out) {
  return has_channels_last(n) ? channels_behind(std::move(out)) : out;
}

Dims pooled_dims(const NodeView& n) {
  const Dims x = image_of(n);
  if (x.size() < 3) {
    bad_input("its input has {} dimensions: samples, channels and at least one more are needed",
              x.size());
  }
  return {x.begin() + 2, x.end()};
}

Window pool_window(const NodeView& n, const Dims& in) {
  std::vector<std::int64_t> kernel = n.integers_of("kernel_shape");
  if (kernel.empty()) {
    bad_input("attribute 'kernel_shape' is missing");
  }
  return read_window(n, in, std::move(kernel));
}

bool rounds_up(const NodeView& n) { return n.integer("ceil_mode", 0) != 0; }

void infer_pool(NodeView& n) {
  const Dims in = pooled_dims(n);
  const Dims x = image_of(n);
  Dims out{x[0], x[1]};
  for (const Dim& count : positions(pool_window(n, in), in, rounds_up(n))) {
    out.push_back(count);
  }
  out = in_its_order(n, std::move(out));
  n.set(0, n.in(0).elem, out);
  n.set(1, Elem::s64, out);
}

/// Samples and channels, and the sizes before and after.
Fields pool_fields(const NodeView& n) {
  const auto x = known_sizes(image_of(n));
  n.output_sizes();  // must be known
  const Dims& out = *n.outputs[0].dims;
  const auto y = known_sizes(has_channels_last(n) ? channels_second(out) : out);
  Fields fields{{"mb", x[0]}, {"ic", x[1]}};
  for (std::size_t missing = 3; missing > x.size() - 2; --missing) {
    fields.emplace_back(spatial_key('i', 3 - missing, 3), 1);
    fields.emplace_back(spatial_key('o', 3 - missing, 3), 1);
  }
  append_spatial(fields, 'i', {x.begin() + 2, x.end()});
  append_spatial(fields, 'o', {y.begin() + 2, y.end()});
  return fields;
}

void append_window(Fields& fields, const Window& w) {
  for (std::size_t missing = 3; missing > w.rank(); --missing) {
    fields.emplace_back(spatial_key('k', 3 - missing, 3), 1);
    fields.emplace_back(spatial_key('s', 3 - missing, 3), 1);
    fields.emplace_back(spatial_key('p', 3 - missing, 3), 0);
  }
  append_spatial(fields, 'k', w.kernel);
  append_spatial(fields, 's', w.strides);
  append_spatial(fields, 'p', w.begin);
}

Lowered lower_max_pool(const NodeView& n) {
  const Window w = pool_window(n, pooled_dims(n));
  Fields fields = pool_fields(n);
  append_window(fields, w);
  append_spatial(fields, 'd', gaps(w));
  return one_layer("max_pool", fields);
}

Lowered lower_average_pool(const NodeView& n) {
  const Window w = pool_window(n, pooled_dims(n));
  Fields fields = pool_fields(n);
  append_window(fields, w);
  append_spatial(fields, 'd', gaps(w));
  fields.emplace_back("countpad", n.integer("count_include_pad", 0) != 0 ? 1 : 0);
  return one_layer("avg_pool", fields);
}

void infer_global_pool(NodeView& n) {
  Dims out = image_of(n);
  pooled_dims(n);
  for (std::size_t i = 2; i < out.size(); ++i) {
    out[i] = 1;
  }
  n.set(0, n.in(0).elem, in_its_order(n, std::move(out)));
}

Lowered lower_global_average_pool(const NodeView& n) {
  return one_layer("adaptive_avg_pool", pool_fields(n));
}

Lowered lower_global_max_pool(const NodeView& n) {
  const auto x = n.sizes(0);
  Fields fields = pool_fields(n);
  append_window(fields, {.kernel = {x.begin() + 2, x.end()},
                         .strides = std::vector<std::int64_t>(x.size() - 2, 1),
                         .dilations = {},
                         .begin = std::vector<std::int64_t>(x.size() - 2, 0),
                         .end = {}});
  return one_layer("max_pool", fields);
}

/// QLinear operators: x, its scale and zero point, those of the result.
Lowered lower_quantized_average(const NodeView& n) {
  return among_reals(n, {0}, lower_average_pool(n));
}
Lowered lower_quantized_global(const NodeView& n) {
  return among_reals(n, {0}, lower_global_average_pool(n));
}

/// The root of the sum of squares of each channel, or the sum of its size.
Lowered lower_global_norm(const NodeView& n) {
  const std::int64_t p = n.integer("p", 2);
  if (p != 1 && p != 2) {
    return not_understood(fmt::format("no layer counts a norm of p = {}", p));
  }
  const auto x = n.sizes(0);
  LayerUse use{p == 1 ? "reduce_l1" : "reduce_l2", {}};
  const std::int64_t rows = x[0] * x[1];
  use.text = fmt::format("{}x{}:{}x1", rows, product_of(x, 2, x.size()), rows);
  Lowered lowered;
  lowered.layers.push_back(std::move(use));
  return lowered;
}

/// The same of each window, which must not reach beyond the edge: there are as many terms as taps.
Lowered lower_norm_pool(const NodeView& n) {
  const std::int64_t p = n.integer("p", 2);
  const Window w = pool_window(n, pooled_dims(n));
  const auto x = n.sizes(0);
  const auto y = n.output_sizes();
  if (p != 1 && p != 2) {
    return not_understood(fmt::format("no layer counts a norm of p = {}", p));
  }
  std::int64_t taps = 1;
  for (std::size_t i = 0; i < w.rank(); ++i) {
    if (w.begin[i] != 0 || (y[i + 2] - 1) * w.strides[i] + w.extent(i) > x[i + 2]) {
      return not_understood("no layer counts norms of windows that reach beyond the edge");
    }
    taps = checked_multiply(taps, w.kernel[i]);
  }
  const std::int64_t windows = n.output_count();
  Lowered lowered;
  lowered.layers.push_back({p == 1 ? "reduce_l1" : "reduce_l2",
                            {},
                            "",
                            1,
                            fmt::format("{}x{}:{}x1", windows, taps, windows)});
  return lowered;
}

Lowered lower_max_roi(const NodeView& n) {
  return not_understood(fmt::format("no layer counts {}", n.proto.op));
}

/// Corners are scaled and divided into bins; of each place the four pixels around it have weights, which every channel
/// is multiplied with. Places within a bin are tables of sizes alone, times the bin's size.
Lowered lower_roi_align(const NodeView& n) {
  const auto y = n.output_sizes();
  const std::int64_t samples = n.integer("sampling_ratio", 0);
  if (samples < 1) {
    return not_understood("it takes as many samples as the size of each region asks for");
  }
  const bool half = n.text("coordinate_transformation_mode",
                           n.opset < 16 ? "output_half_pixel" : "half_pixel") == "half_pixel";
  const std::int64_t regions = y[0];
  const std::int64_t along = checked_product(regions, y[2] + y[3], samples);
  const std::int64_t places =
      checked_product(regions, y[2], y[3], checked_multiply(samples, samples));
  const std::int64_t terms = checked_product(std::int64_t{4}, samples, samples);
  const std::int64_t values = n.output_count();
  Lowered lowered;
  lowered.layers = {binary_use("mul", {regions, 4}, {1}, "scale")};
  if (half) {
    lowered.layers.push_back(binary_use("sub", {regions, 4}, {1}, "half"));
  }
  for (const LayerUse& use :
       {binary_use("sub", {regions, 2}, {regions, 2}, "size"),
        binary_use("div", {regions, 2}, {1, 2}, "bin"),
        binary_use("mul", {along}, {along}, "steps"), binary_use("add", {along}, {along}, "places"),
        unary_use("floor", checked_multiply(places, 2), "floor"),
        binary_use("sub", {places, 2}, {places, 2}, "fraction"),
        binary_use("sub", {1, 1}, {places, 2}, "complement"),
        binary_use("mul", {places, 4}, {places, 4}, "weights"),
        binary_use("mul", {values, terms}, {values, terms}, "products")}) {
    lowered.layers.push_back(use);
  }
  const bool mean = n.text("mode", "avg") == "avg";
  lowered.layers.push_back({mean ? "reduce_sum" : "reduce_max",
                            {},
                            mean ? "sum" : "max",
                            1,
                            fmt::format("{}x{}:{}x1", values, terms, values)});
  if (mean) {
    lowered.layers.push_back(binary_use("div", {values}, {1}, "mean"));
  }
  return lowered;
}

/// Each value goes where its index says.
void infer_max_unpool(NodeView& n) {
  const Dims in = pooled_dims(n);
  if (n.has(2)) {
    Dims out = n.integers(2);
    n.set(0, n.in(0).elem, out);
    return;
  }
  const Window w = pool_window(n, in);
  Dims out{n.dims(0)[0], n.dims(0)[1]};
  for (std::size_t i = 0; i < w.rank(); ++i) {
    out.push_back((in[i] - 1) * w.strides[i] + w.extent(i) - w.begin[i] - w.end[i]);
  }
  n.set(0, n.in(0).elem, out);
}

Lowered lower_max_unpool(const NodeView&) { return moves("scatter"); }

void infer_roi(NodeView& n) {
  const Dims& x = n.dims(0);
  if (x.size() != 4) {
    bad_input("its input has {} dimensions, not 4", x.size());
  }
  Dim height = n.integer("output_height", 1);
  Dim width = n.integer("output_width", 1);
  if (const auto shape = n.integers_of("pooled_shape"); shape.size() == 2) {
    height = shape[0];
    width = shape[1];
  }
  n.set(0, n.in(0).elem, {n.dims(1).empty() ? Dim(1) : n.dims(1)[0], x[1], height, width});
}

constexpr std::array pooling_rows{
    Operator{"", "MaxPool", infer_pool, lower_max_pool},
    Operator{"", "AveragePool", infer_pool, lower_average_pool},
    Operator{"", "LpPool", infer_pool, lower_norm_pool},
    Operator{"", "GlobalAveragePool", infer_global_pool, lower_global_average_pool},
    Operator{"", "GlobalMaxPool", infer_global_pool, lower_global_max_pool},
    Operator{"", "GlobalLpPool", infer_global_pool, lower_global_norm},
    Operator{"", "MaxUnpool", infer_max_unpool, lower_max_unpool},
    Operator{"", "RoiAlign", infer_roi, lower_roi_align},
    Operator{"", "MaxRoiPool", infer_roi, lower_max_roi},
    Operator{microsoft, "NhwcMaxPool", infer_pool, lower_max_pool},
    Operator{microsoft, "QLinearAveragePool", infer_pool, lower_quantized_average},
    Operator{microsoft, "QLinearGlobalAveragePool", infer_global_pool, lower_quantized_global},
    Operator{nchwc, "MaxPool", infer_pool, lower_max_pool},
    Operator{nchwc, "AveragePool", infer_pool, lower_average_pool},
    Operator{nchwc, "GlobalAveragePool", infer_global_pool, lower_global_average_pool},
    Operator{nchwc, "GlobalMaxPool", infer_global_pool, lower_global_max_pool},
};

}  // namespace

std::span<const Operator> pooling_operators() { return pooling_rows; }

}  // namespace flopmeter::onnx
