// Between real numbers and small integers.
#include <algorithm>
#include <array>

#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"

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

void infer_dequantize(NodeView& n) { n.set(0, n.has(1) ? n.in(1).elem : Elem::f32, n.dims(0)); }

/// A scale or zero point of one axis, with as many dimensions as x; of blocks it repeats in between.
std::string setting_text(const NodeView& n, std::size_t i) {
  const auto x = n.sizes(0);
  std::vector<std::int64_t> dims(std::max<std::size_t>(x.size(), 1), 1);
  if (n.has(i) && n.rank(i) == 1 && !x.empty() && n.count(i) > 1) {
    dims[n.axis(n.integer("axis", 1), n.rank(0))] = n.count(i);
  } else if (n.has(i) && n.rank(i) > 1 && n.sizes(i) == x) {
    dims = x;
  } else if (n.has(i) && n.rank(i) > 1) {
    throw Undetermined("no layer counts scales of blocks");
  }
  return shape_text(dims);
}

LayerUse quantize_use(const NodeView& n, std::string_view layer) {
  LayerUse use{layer, {}};
  use.text = shape_text(n.sizes(0)) + ":" + setting_text(n, 1) + ":" + setting_text(n, 2);
  return use;
}

Lowered lower_quantize(const NodeView& n) {
  Lowered lowered;
  lowered.layers.push_back(quantize_use(n, n.row->layer));
  return lowered;
}

/// The largest and the smallest element give the scale; the few operations of that are left out.
Lowered lower_dynamic_quantize(const NodeView& n) {
  const auto x = n.sizes(0);
  const std::string one =
      shape_text(std::vector<std::int64_t>(std::max<std::size_t>(x.size(), 1), 1));
  Lowered lowered;
  for (const std::string_view end : {"reduce_max", "reduce_min"}) {
    LayerUse use{end, {}, std::string(end.substr(7))};
    use.text = shape_text(x) + ":" + one;
    lowered.layers.push_back(std::move(use));
  }
  LayerUse use{"quantize", {}, "quantize"};
  use.text = shape_text(x) + ":" + one + ":" + one;
  lowered.layers.push_back(std::move(use));
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

Lowered lower_quantized_concat(const NodeView&) { return moves("copy"); }

constexpr std::array quantization_rows{
    Operator{"", "QuantizeLinear", infer_quantize, lower_quantize, "quantize"},
    Operator{"", "DequantizeLinear", infer_dequantize, lower_quantize, "dequantize"},
    Operator{"", "DynamicQuantizeLinear", infer_dynamic_quantize, lower_dynamic_quantize},
    Operator{microsoft, "QuantizeLinear", infer_quantize, lower_quantize, "quantize"},
    Operator{microsoft, "DequantizeLinear", infer_dequantize, lower_quantize, "dequantize"},
    Operator{microsoft, "QLinearConcat", infer_quantized_concat, lower_quantized_concat},
};

}  // namespace

std::span<const Operator> quantization_operators() { return quantization_rows; }

}  // namespace flopmeter::onnx
