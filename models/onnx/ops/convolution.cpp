// Convolutions and their transposes, also of integers. Weights are [out, in/groups, kernel...], of
// transposed ones [in, out/groups, kernel...].
#include <algorithm>
#include <array>

#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/product.h"
#include "models/onnx/ops/quantized.h"
#include "models/onnx/ops/window.h"

namespace flopmeter::onnx {
namespace {

/// Where the operands stand: quantised operators have scales and zero points between them.
struct ConvInputs {
  std::size_t x, w, bias;
};

ConvInputs conv_inputs(const NodeView& n) {
  // ConvInteger's third input is a zero point, DeformConv's are the offsets.
  return n.proto.op == "QLinearConv"   ? ConvInputs{0, 3, 8}
         : n.proto.op == "ConvInteger" ? ConvInputs{0, 1, 99}
         : n.proto.op == "DeformConv"  ? ConvInputs{0, 1, 3}
                                       : ConvInputs{0, 1, 2};
}

/// With the channels second, wherever the operator has them.
Dims image_of(const NodeView& n, const Dims& dims) {
  return has_channels_last(n) ? channels_second(dims) : dims;
}

Dims spatial_of(const Dims& dims) {
  if (dims.size() < 3) {
    bad_input("its input has {} dimensions: samples, channels and at least one more are needed",
              dims.size());
  }
  return {dims.begin() + 2, dims.end()};
}

std::vector<std::int64_t> kernel_of(const NodeView& n, std::size_t weights) {
  const auto given = n.integers_of("kernel_shape");
  const Dims own = spatial_of(n.dims(weights));
  if (given.empty()) {
    return known_sizes(own);
  }
  for (std::size_t i = 0; i < given.size() && i < own.size(); ++i) {
    if (own[i].known() && own[i].value() != given[i]) {
      bad_input("kernel_shape says {} where its weights have {}", given[i], own[i].value());
    }
  }
  return given;
}

std::int64_t groups_of(const NodeView& n) {
  const std::int64_t groups = n.integer("group", 1);
  if (groups < 1) {
    bad_input("group has a value of {}", groups);
  }
  return groups;
}

void check_channels(const Dim& in, const Dim& wanted) {
  if (in.known() && wanted.known() && in.value() != wanted.value()) {
    bad_input("its input has {} channels but its weights are for {}", in.value(), wanted.value());
  }
}

Elem conv_result(const NodeView& n) {
  if (n.proto.op == "ConvInteger") {
    return Elem::s32;
  }
  return n.proto.op == "QLinearConv" && n.has(7) ? n.in(7).elem : n.in(0).elem;
}

void infer_conv(NodeView& n) {
  const ConvInputs at = conv_inputs(n);
  const Dims x = image_of(n, n.dims(at.x));
  const Dims& w = n.dims(at.w);
  const Dims in = spatial_of(x);
  spatial_of(w);
  check_channels(x[1], w[1] * groups_of(n));
  const Window window = read_window(n, in, kernel_of(n, at.w));
  Dims out{x[0], w[0]};
  for (const Dim& count : positions(window, in, false)) {
    out.push_back(count);
  }
  n.set(0, conv_result(n), has_channels_last(n) ? channels_behind(out) : out);
}

/// Fields that both directions share.
Fields conv_fields(const NodeView& n, const Window& window, bool bias) {
  const auto x = known_sizes(image_of(n, n.dims(conv_inputs(n).x)));
  n.output_sizes();  // must be known
  const auto y = known_sizes(image_of(n, *n.outputs[0].dims));
  Fields fields{
      {"g", groups_of(n)}, {"mb", x[0]}, {"ic", x[1]}, {"oc", y[1]}, {"bias", bias ? 1 : 0}};
  append_spatial(fields, 'i', {x.begin() + 2, x.end()});
  append_spatial(fields, 'o', {y.begin() + 2, y.end()});
  append_spatial(fields, 'k', window.kernel);
  append_spatial(fields, 's', window.strides);
  append_spatial(fields, 'p', window.begin);
  append_spatial(fields, 'd', gaps(window));
  return fields;
}

std::string_view by_rank(std::size_t spatial, const std::array<std::string_view, 3>& names) {
  if (spatial < 1 || spatial > 3) {
    throw Undetermined(fmt::format("{} spatial dimensions: layers have 1 to 3", spatial));
  }
  return names.at(spatial - 1);
}

Lowered lower_conv(const NodeView& n) {
  const ConvInputs at = conv_inputs(n);
  const Window window = read_window(n, spatial_of(image_of(n, n.dims(at.x))), kernel_of(n, at.w));
  return one_layer(by_rank(window.rank(), {"conv1d", "conv2d", "conv3d"}),
                   conv_fields(n, window, n.has(at.bias)));
}

/// Inputs: x, weights, their zero points.
Lowered lower_integer_conv(const NodeView& n) {
  Lowered lowered = lower_conv(n);
  append_shift(n, 0, 2, "zero_point_x", lowered);
  append_shift(n, 1, 3, "zero_point_w", lowered);
  return lowered;
}

/// Inputs: x, weights and the result, each with its scale and zero point; a bias.
Lowered lower_quantized_conv(const NodeView& n) {
  Lowered lowered = lower_conv(n);
  append_shift(n, 0, 2, "zero_point_x", lowered);
  append_shift(n, 3, 5, "zero_point_w", lowered);
  const std::size_t channels = has_channels_last(n) ? n.output_sizes().size() - 1 : 1;
  append_requantize(n, n.has(4) ? n.count(4) : 1, channels, lowered);
  return lowered;
}

Lowered lower_fused_conv(const NodeView& n) {
  Lowered lowered = lower_conv(n);
  if (n.has(3)) {
    lowered.layers.push_back(binary_use("add", n.output_sizes(), n.output_sizes(), "sum"));
  }
  append_activation(n, lowered);
  return lowered;
}

Window transposed_window(const NodeView& n) {
  return read_window(n, spatial_of(n.dims(0)), kernel_of(n, 1));
}

std::vector<std::int64_t> output_padding_of(const NodeView& n, std::size_t rank) {
  std::vector<std::int64_t> extra = n.integers_of("output_padding");
  extra.resize(rank, 0);
  return extra;
}

/// A given output_shape decides on the padding, as auto_pad says which side has more.
void pad_to_output(const NodeView& n, Window& window, const std::vector<std::int64_t>& wanted) {
  const auto in = known_sizes(spatial_of(n.dims(0)));
  const auto extra = output_padding_of(n, window.rank());
  const bool upper = n.text("auto_pad", "NOTSET") == "SAME_UPPER";
  for (std::size_t i = 0; i < window.rank(); ++i) {
    const std::int64_t total =
        window.strides[i] * (in[i] - 1) + extra[i] + window.extent(i) - wanted[i];
    window.begin[i] = upper ? total / 2 : total - total / 2;
    window.end[i] = total - window.begin[i];
  }
}

Window final_transposed_window(const NodeView& n) {
  Window window = transposed_window(n);
  std::vector<std::int64_t> wanted = n.integers_of("output_shape");
  const std::string_view automatic = n.text("auto_pad", "NOTSET");
  if (wanted.empty() && automatic.starts_with("SAME")) {
    wanted = known_sizes(spatial_of(n.dims(0)));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      wanted[i] *= window.strides[i];
    }
  }
  if (wanted.size() > window.rank()) {
    wanted.erase(wanted.begin(), wanted.end() - static_cast<std::ptrdiff_t>(window.rank()));
  }
  if (wanted.size() == window.rank()) {
    pad_to_output(n, window, wanted);
  }
  return window;
}

void infer_conv_transpose(NodeView& n) {
  const Dims& x = n.dims(0);
  const Dims& w = n.dims(1);
  const Dims in = spatial_of(x);
  spatial_of(w);
  check_channels(x[1], w[0]);
  const Window window = final_transposed_window(n);
  const auto extra = output_padding_of(n, window.rank());
  Dims out{x[0], w[1] * groups_of(n)};
  for (std::size_t i = 0; i < window.rank(); ++i) {
    out.push_back((in[i] - 1) * window.strides[i] + extra[i] + window.extent(i) - window.begin[i] -
                  window.end[i]);
  }
  n.set(0, n.in(0).elem, out);
}

/// Where the result is larger than all taps reach (padding below 0), what lies outside is no arithmetic.
Lowered lower_conv_transpose(const NodeView& n) {
  Window window = final_transposed_window(n);
  std::vector<std::int64_t> reached = n.output_sizes();
  for (std::size_t i = 0; i < window.rank(); ++i) {
    reached[i + 2] += std::min<std::int64_t>(window.begin[i], 0);
    reached[i + 2] += std::min<std::int64_t>(window.end[i], 0);
    window.begin[i] = std::max<std::int64_t>(window.begin[i], 0);
  }
  const std::string_view layer =
      by_rank(window.rank(), {"conv_transpose1d", "conv_transpose2d", "conv_transpose3d"});
  Fields fields = conv_fields(n, window, n.has(2));
  std::erase_if(fields, [](const auto& field) {
    return field.first.starts_with('o') && field.first != "oc";
  });
  append_spatial(fields, 'o', {reached.begin() + 2, reached.end()});
  return one_layer(layer, std::move(fields));
}

/// Inputs: x, weights, offsets, a bias, a factor for each tap.
Lowered lower_deform_conv(const NodeView& n) {
  const Window window = read_window(n, spatial_of(n.dims(0)), kernel_of(n, 1));
  if (window.rank() != 2 || window.begin != window.end) {
    Lowered lowered = lower_conv(n);
    lowered.reason =
        "its products are counted, the interpolation of its samples is not: the layer has two "
        "dimensions, with equal padding on both sides";
    return lowered;
  }
  Fields fields = conv_fields(n, window, n.has(3));
  std::erase_if(fields,
                [](const auto& field) { return field.first == "oh" || field.first == "ow"; });
  fields.emplace_back("dg", n.integer("offset_group", 1));
  fields.emplace_back("mask", n.has(4) ? 1 : 0);
  return one_layer("deform_conv2d", fields);
}

constexpr std::array convolution_rows{
    Operator{"", "Conv", infer_conv, lower_conv},
    Operator{"", "ConvInteger", infer_conv, lower_integer_conv},
    Operator{"", "QLinearConv", infer_conv, lower_quantized_conv},
    Operator{"", "ConvTranspose", infer_conv_transpose, lower_conv_transpose},
    Operator{"", "DeformConv", infer_conv, lower_deform_conv},
    Operator{microsoft, "FusedConv", infer_conv, lower_fused_conv},
    Operator{microsoft, "QLinearConv", infer_conv, lower_quantized_conv},
    Operator{microsoft, "NhwcConv", infer_conv, lower_conv},
    Operator{microsoft, "NhwcFusedConv", infer_conv, lower_fused_conv},
    Operator{nchwc, "Conv", infer_conv, lower_fused_conv},
};

}  // namespace

std::span<const Operator> convolution_operators() { return convolution_rows; }

}  // namespace flopmeter::onnx
