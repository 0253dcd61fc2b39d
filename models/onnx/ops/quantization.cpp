// Between real numbers and small integers.
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

Lowered lower_quantize(const NodeView& n) {
  Lowered lowered;
  lowered.layers.push_back(unary_use(n.row->layer, n.output_count()));
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
    Operator{"", "DynamicQuantizeLinear", infer_dynamic_quantize, lower_quantize,
             "dynamic_quantize"},
    Operator{microsoft, "QuantizeLinear", infer_quantize, lower_quantize, "quantize"},
    Operator{microsoft, "DequantizeLinear", infer_dequantize, lower_quantize, "dequantize"},
    Operator{microsoft, "QLinearConcat", infer_quantized_concat, lower_quantized_concat},
};

}  // namespace

std::span<const Operator> quantization_operators() { return quantization_rows; }

}  // namespace flopmeter::onnx
