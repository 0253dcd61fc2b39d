// Between real numbers and small integers.
#include <algorithm>
#include <array>

#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/quantized.h"

namespace flopmeter::onnx {
namespace {

void infer_quantize(NodeView& n) {
  Elem elem = Elem::u8;
  if (const std::int64_t given = n.integer("output_dtype", 0); given != 0) {
    elem = static_cast<Elem>(static_cast<std::int32_t>(given));
  } else if (n.has(2)) {
    elem = n.in(2).elem;
  }
  n.set(0, elem, n.dims(0));
}

void infer_dequantize(NodeView& n) {
  const std::int64_t given = n.integer("output_dtype", 0);
  n.set(0,
        given != 0 ? static_cast<Elem>(static_cast<std::int32_t>(given))
        : n.has(1) ? n.in(1).elem
                   : Elem::f32,
        n.dims(0));
}

/// x and its settings in dimensions that broadcast: a scale and zero point for all, for each place of an
/// axis, or for each block of it, which is an axis of its own then.
struct Settings {
  std::vector<std::int64_t> x, setting;
  std::vector<std::int64_t> rest = {}, rest_setting = {};  // of last blocks that are not full
};

Settings settings_of(const NodeView& n) {
  Settings s{n.sizes(0), {1}};
  if (!n.has(1) || n.count(1) <= 1) {
    return s;
  }
  const auto scale = n.sizes(1);
  const std::size_t axis = n.axis(n.integer("axis", 1), n.rank(0));
  s.setting.assign(s.x.size(), 1);
  if (scale.size() == 1) {
    s.setting[axis] = scale[0];
    return s;
  }
  const std::int64_t block = n.integer("block_size", 0);
  if (scale.size() != s.x.size() || block < 1 ||
      scale[axis] != s.x[axis] / block + (s.x[axis] % block != 0 ? 1 : 0)) {
    throw Undetermined("how its scales repeat over its blocks is not understood");
  }
  s.setting = scale;
  if (s.x[axis] % block != 0) {
    s.rest = s.x;
    s.rest[axis] = s.x[axis] % block;
    s.rest_setting = scale;
    s.rest_setting[axis] = 1;
    --s.setting[axis];
  }
  s.x[axis] /= block;
  const auto behind = static_cast<std::ptrdiff_t>(axis) + 1;
  s.x.insert(s.x.begin() + behind, block);
  s.setting.insert(s.setting.begin() + behind, 1);
  return s;
}

Lowered lower_quantize(const NodeView& n) {
  const Settings s = settings_of(n);
  Lowered lowered;
  const auto add = [&](const Sizes& x, const Sizes& setting, std::string label) {
    lowered.layers.push_back(
        quantize_use(n.row->layer, x, setting, n.has(2) ? setting : Sizes{1}, std::move(label)));
  };
  if (s.rest.empty() || product_of(s.x, 0, s.x.size()) > 0) {
    add(s.x, s.setting, "");
  }
  if (!s.rest.empty()) {
    add(s.rest, s.rest_setting, lowered.layers.empty() ? "" : "last_block");
  }
  return lowered;
}

Lowered lower_dynamic_quantize(const NodeView& n) {
  Lowered lowered;
  append_dynamic_quantize(n.sizes(0), lowered);
  return lowered;
}

void infer_dynamic_quantize(NodeView& n) {
  n.set(0, Elem::u8, n.dims(0));
  n.set(1, Elem::f32, {});
  n.set(2, Elem::u8, {});
}

/// Joined tensors have their scales and zero points behind them.
void infer_quantized_concat(NodeView& n) {
  if (n.inputs.size() < 5) {
    bad_input("it has {} inputs", n.inputs.size());
  }
  Dims out = n.dims(2);
  const std::size_t axis = n.axis(n.required("axis"), n.rank(2));
  for (std::size_t i = 5; i < n.inputs.size(); i += 3) {
    out[axis] = out[axis] + n.dims(i).at(axis);
  }
  n.set(0, n.in(2).elem, std::move(out));
}

/// Each part goes from its scale to that of the result.
Lowered lower_quantized_concat(const NodeView& n) {
  Lowered lowered;
  for (std::size_t i = 2; i < n.inputs.size(); i += 3) {
    const auto part = n.sizes(i);
    lowered.layers.push_back(dequantize_input(n, i, fmt::format("dequantize{}", i / 3)));
    lowered.layers.push_back(
        quantize_use("quantize", part, {1}, {1}, fmt::format("quantize{}", i / 3)));
  }
  return lowered;
}

/// A, its scale and zero point, B and its own, those of the result.
void infer_quantized_pair(NodeView& n) { n.set(0, n.in(0).elem, broadcast(n.dims(0), n.dims(3))); }

Lowered lower_quantized_pair(const NodeView& n) {
  Lowered inner;
  inner.layers.push_back(binary_use(n.row->layer, n.sizes(0), n.sizes(3)));
  return among_reals(n, {0, 3}, std::move(inner));
}

constexpr std::array quantization_rows{
    Operator{"", "QuantizeLinear", infer_quantize, lower_quantize, "quantize"},
    Operator{"", "DequantizeLinear", infer_dequantize, lower_quantize, "dequantize"},
    Operator{"", "DynamicQuantizeLinear", infer_dynamic_quantize, lower_dynamic_quantize},
    Operator{microsoft, "QuantizeLinear", infer_quantize, lower_quantize, "quantize"},
    Operator{microsoft, "DequantizeLinear", infer_dequantize, lower_quantize, "dequantize"},
    Operator{microsoft, "QLinearConcat", infer_quantized_concat, lower_quantized_concat},
    Operator{microsoft, "QLinearAdd", infer_quantized_pair, lower_quantized_pair, "add"},
    Operator{microsoft, "QLinearMul", infer_quantized_pair, lower_quantized_pair, "mul"},
};

}  // namespace

std::span<const Operator> quantization_operators() { return quantization_rows; }

}  // namespace flopmeter::onnx
