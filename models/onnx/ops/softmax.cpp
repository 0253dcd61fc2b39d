// Softmax and its relatives: rows to a sum, a length or a largest element of 1.
#include <array>

#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/quantized.h"
#include "models/onnx/ops/rows.h"

namespace flopmeter::onnx {
namespace {

void infer_row_wise(NodeView& n) { n.set(0, n.in(0).elem, n.dims(0)); }

/// Below opset 13 everything from the axis on is one row.
Lowered lower_softmax(const NodeView& n) {
  const auto x = n.sizes(0);
  if (x.empty()) {
    return one_layer(n.row->layer, {{"mb", 1}, {"c", 1}});
  }
  // A quantised one says itself which opset's it is.
  if (n.integer("opset", n.opset) < 13) {
    std::int64_t axis = n.integer("axis", 1);
    axis = axis < 0 ? axis + n.rank(0) : axis;
    if (axis < 0 || axis > n.rank(0)) {
      bad_input("axis {} of a tensor of {} dimensions", axis, n.rank(0));
    }
    return one_layer(n.row->layer, row_fields(x, static_cast<std::size_t>(axis)));
  }
  const std::size_t axis = row_axis(n);
  return one_layer(
      n.row->layer,
      {{"mb", product_of(x, 0, axis) * product_of(x, axis + 1, x.size())}, {"c", x[axis]}});
}

/// x, its scale and zero point, those of the result.
Lowered lower_quantized_softmax(const NodeView& n) { return among_reals(n, {0}, lower_softmax(n)); }

/// x over the sum of its size along an axis, or the root of that of its squares.
Lowered lower_lp_norm(const NodeView& n) {
  const auto x = n.sizes(0);
  auto norm = x;
  norm.at(n.axis(n.integer("axis", -1), n.rank(0))) = 1;
  LayerUse length{n.integer("p", 2) == 1 ? "reduce_l1" : "reduce_l2", {}, "length"};
  length.text = shape_text(x) + ":" + shape_text(norm);
  Lowered lowered;
  lowered.layers = {std::move(length), binary_use("div", x, norm, "quotient")};
  return lowered;
}

/// 1 where the largest element of a row stands, else 0. Below opset 13 all behind the axis is one row.
Lowered lower_hardmax(const NodeView& n) {
  const Fields rows = lower_softmax(n).layers.front().fields;
  LayerUse use{"argmax", {}};
  use.text = fmt::format("{}x{}:{}x1", rows[0].second, rows[1].second, rows[0].second);
  Lowered lowered;
  lowered.layers.push_back(std::move(use));
  return lowered;
}

constexpr std::array softmax_rows{
    Operator{"", "Softmax", infer_row_wise, lower_softmax, "softmax"},
    Operator{"", "LogSoftmax", infer_row_wise, lower_softmax, "log_softmax"},
    Operator{"", "Hardmax", infer_row_wise, lower_hardmax},
    Operator{"", "LpNormalization", infer_row_wise, lower_lp_norm},
    Operator{microsoft, "QLinearSoftmax", infer_row_wise, lower_quantized_softmax, "softmax"},
};

}  // namespace

std::size_t row_axis(const NodeView& n) { return n.axis(n.integer("axis", -1), n.rank(0)); }

/// Rows and what is in one.
Fields row_fields(const std::vector<std::int64_t>& x, std::size_t axis) {
  return {{"mb", product_of(x, 0, axis)}, {"c", product_of(x, axis, x.size())}};
}

std::span<const Operator> softmax_operators() { return softmax_rows; }

}  // namespace flopmeter::onnx
