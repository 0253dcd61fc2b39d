// Functions of one tensor, element by element: each row names the layer that counts it.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/onnx/operator.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/quantized.h"

namespace flopmeter::onnx {
namespace {

using RealFunction = double (*)(double);

/// What shapes are computed with. Integers take the same functions where these are exact.
struct Folded {
  std::string_view op;
  RealFunction function;
};

constexpr std::array foldable_unary{
    Folded{"Neg", [](double x) { return -x; }},
    Folded{"Abs", [](double x) { return std::abs(x); }},
    Folded{"Floor", [](double x) { return std::floor(x); }},
    Folded{"Ceil", [](double x) { return std::ceil(x); }},
    Folded{"Round", [](double x) { return std::nearbyint(x); }},
    Folded{"Sqrt", [](double x) { return std::sqrt(x); }},
    Folded{"Exp", [](double x) { return std::exp(x); }},
    Folded{"Log", [](double x) { return std::log(x); }},
    Folded{"Reciprocal", [](double x) { return 1 / x; }},
    Folded{"Sign", [](double x) { return static_cast<double>((x > 0) - (x < 0)); }},
};

Dim fold_integer(std::string_view op, const Dim& x) {
  if (op == "Neg") {
    return 0 - x;
  }
  if (op == "Not") {
    return x.known() ? Dim(x.value() == 0 ? 1 : 0) : Dim::unknown("not(" + x.text() + ")");
  }
  if (x.known() && op == "Abs") {
    return x.value() < 0 ? 0 - x : x;
  }
  if (x.known() && op == "Sign") {
    return (x.value() > 0) - (x.value() < 0);
  }
  return Dim::unknown(std::string(op) + "(" + x.text() + ")");
}

Contents fold_unary(const NodeView& n) {
  const Content* x = n.content(0);
  if (x == nullptr || n.inputs.size() > 1) {
    return nullptr;
  }
  if (!x->real) {
    if (n.proto.op != "Neg" && n.proto.op != "Not" && n.proto.op != "Abs" && n.proto.op != "Sign") {
      return nullptr;
    }
    Dims values;
    for (const Dim& value : x->integers) {
      values.push_back(fold_integer(n.proto.op, value));
    }
    return integers_of(std::move(values));
  }
  const auto* const found = std::ranges::find(foldable_unary, n.proto.op, &Folded::op);
  if (found == foldable_unary.end()) {
    return nullptr;
  }
  std::vector<double> values;
  for (const double value : x->reals) {
    values.push_back(found->function(value));
  }
  return reals_of(std::move(values));
}

void infer_unary(NodeView& n) { n.set(0, n.in(0).elem, n.dims(0), fold_unary(n)); }

void infer_test(NodeView& n) { n.set(0, Elem::boolean, n.dims(0)); }

Lowered lower_unary(const NodeView& n) {
  Lowered lowered;
  lowered.layers.push_back(unary_use(n.row->layer, n.output_count()));
  return lowered;
}

void infer_same(NodeView& n) { n.outputs.at(0) = n.in(0); }

Lowered lower_view(const NodeView&) { return moves("view"); }

/// A side that is left out is not compared.
Lowered lower_clip(const NodeView& n) {
  const bool attributes = n.attribute("min") != nullptr || n.attribute("max") != nullptr;
  const int sides = attributes || n.opset < 11
                        ? (n.attribute("min") != nullptr) + (n.attribute("max") != nullptr)
                        : n.has(1) + n.has(2);
  Lowered lowered;
  if (sides == 0) {
    return moves("view");
  }
  lowered.layers.push_back(unary_use(sides == 2 ? "clip" : "relu", n.output_count()));
  return lowered;
}

/// In training mode, or perhaps.
bool drops(const NodeView& n) {
  const Content* training = n.content(2);
  const bool by_input = n.has(2) && (training == nullptr || training->integers.empty() ||
                                     !training->integers.front().is(0));
  return by_input || (n.opset < 7 && n.integer("is_test", 0) == 0);
}

/// Opsets below 12: one or two outputs; a ratio as an input since. In training elements are dropped.
void infer_dropout(NodeView& n) {
  n.outputs.at(0) = n.in(0);
  if (drops(n)) {
    n.outputs.at(0).content = nullptr;
  }
  n.set(1, n.opset < 10 ? n.in(0).elem : Elem::boolean, n.dims(0));
}

Lowered lower_dropout(const NodeView& n) {
  if (!drops(n)) {
    return moves("view");
  }
  // What is kept is scaled by what is dropped on average.
  const auto x = n.sizes(0);
  Lowered lowered;
  lowered.layers = {binary_use("mul", x, x, "mask"), binary_use("mul", x, {1}, "scale")};
  lowered.reason =
      "it is in training mode, or may be: the random numbers of its mask are not counted";
  return lowered;
}

/// Without a bias, what is small becomes 0; with one the rest moves towards it.
Lowered lower_shrink(const NodeView& n) {
  Lowered lowered;
  lowered.layers.push_back(
      unary_use(n.real("bias", 0) == 0 ? "hardshrink" : "softshrink", n.output_count()));
  return lowered;
}

Lowered lower_gelu(const NodeView& n) {
  Lowered lowered;
  lowered.layers.push_back(unary_use(
      n.text("approximate", "none") == "tanh" ? "gelu_tanh" : "gelu_erf", n.output_count()));
  return lowered;
}

/// The bias is added first, where there is one.
Lowered lower_biased_gelu(const NodeView& n) {
  Lowered lowered;
  if (n.has(1)) {
    lowered.layers.push_back(binary_use("add", n.sizes(0), n.sizes(1), "bias"));
  }
  lowered.layers.push_back(unary_use(n.row->layer, n.output_count(), "gelu"));
  return lowered;
}

/// Inputs: x, a bias of its channels, what is added besides.
Lowered lower_bias_add(const NodeView& n) {
  Lowered lowered;
  lowered.layers.push_back(binary_use("add", n.sizes(0), n.sizes(1), "bias"));
  if (n.has(2)) {
    lowered.layers.push_back(binary_use("add", n.sizes(0), n.sizes(2), "skip"));
  }
  return lowered;
}

/// A gated GELU: of x with its bias the first half is multiplied with the function of the second.
void infer_split_gelu(NodeView& n) {
  Dims out = n.dims(0);
  if (out.empty()) {
    bad_input("a scalar cannot be split");
  }
  out.back() = floor_divide(out.back(), 2);
  n.set(0, n.in(0).elem, std::move(out));
}

Lowered lower_split_gelu(const NodeView& n) {
  const auto y = n.output_sizes();
  Lowered lowered;
  lowered.layers = {binary_use("add", n.sizes(0), n.sizes(1), "bias"),
                    unary_use("gelu_erf", n.output_count(), "gelu"),
                    binary_use("mul", y, y, "gate")};
  return lowered;
}

/// x * sigmoid(alpha * x).
Lowered lower_scaled_silu(const NodeView& n) {
  const bool scaled = n.real("alpha", n.proto.op == "QuickGelu" ? 1.702 : 1) != 1;
  Lowered lowered;
  lowered.layers.push_back(unary_use(scaled ? "quick_gelu" : "silu", n.output_count()));
  return lowered;
}

void infer_same_shape_as_first(NodeView& n) { n.set(0, n.in(0).elem, n.dims(0)); }

/// x, its scale and zero point, those of the result.
Lowered lower_quantized_unary(const NodeView& n) { return among_reals(n, {0}, lower_unary(n)); }

void infer_optional(NodeView& n) {
  if (n.proto.op == "OptionalHasElement") {
    n.set(0, Elem::boolean, {}, nullptr);
  } else if (n.has(0)) {
    n.outputs.at(0) = n.in(0);
  }
}

constexpr std::array unary_rows{
    Operator{"", "Identity", infer_same, lower_view},
    Operator{"", "OptionalGetElement", infer_optional, lower_view},
    Operator{"", "OptionalHasElement", infer_optional, lower_view},
    Operator{"", "Dropout", infer_dropout, lower_dropout},
    Operator{"", "Relu", infer_unary, lower_unary, "relu"},
    Operator{"", "LeakyRelu", infer_unary, lower_unary, "leaky_relu"},
    Operator{"", "ThresholdedRelu", infer_unary, lower_unary, "thresholded_relu"},
    Operator{"", "Sigmoid", infer_unary, lower_unary, "sigmoid"},
    Operator{"", "HardSigmoid", infer_unary, lower_unary, "hardsigmoid"},
    Operator{"", "HardSwish", infer_unary, lower_unary, "hardswish"},
    Operator{"", "Tanh", infer_unary, lower_unary, "tanh"},
    Operator{"", "Gelu", infer_unary, lower_gelu},
    Operator{"", "Swish", infer_unary, lower_scaled_silu},
    Operator{"", "Clip", infer_unary, lower_clip},
    Operator{"", "Elu", infer_unary, lower_unary, "elu"},
    Operator{"", "Selu", infer_unary, lower_unary, "selu"},
    Operator{"", "Celu", infer_unary, lower_unary, "celu"},
    Operator{"", "Softplus", infer_unary, lower_unary, "softplus"},
    Operator{"", "Softsign", infer_unary, lower_unary, "softsign"},
    Operator{"", "Mish", infer_unary, lower_unary, "mish"},
    Operator{"", "Shrink", infer_unary, lower_shrink},
    Operator{"", "Abs", infer_unary, lower_unary, "abs"},
    Operator{"", "Neg", infer_unary, lower_unary, "neg"},
    Operator{"", "Exp", infer_unary, lower_unary, "exp"},
    Operator{"", "Log", infer_unary, lower_unary, "log"},
    Operator{"", "Sqrt", infer_unary, lower_unary, "sqrt"},
    Operator{"", "Reciprocal", infer_unary, lower_unary, "reciprocal"},
    Operator{"", "Erf", infer_unary, lower_unary, "erf"},
    Operator{"", "Floor", infer_unary, lower_unary, "floor"},
    Operator{"", "Ceil", infer_unary, lower_unary, "ceil"},
    Operator{"", "Round", infer_unary, lower_unary, "round"},
    Operator{"", "Sign", infer_unary, lower_unary, "sign"},
    Operator{"", "Sin", infer_unary, lower_unary, "sin"},
    Operator{"", "Cos", infer_unary, lower_unary, "cos"},
    Operator{"", "Tan", infer_unary, lower_unary, "tan"},
    Operator{"", "Asin", infer_unary, lower_unary, "asin"},
    Operator{"", "Acos", infer_unary, lower_unary, "acos"},
    Operator{"", "Atan", infer_unary, lower_unary, "atan"},
    Operator{"", "Sinh", infer_unary, lower_unary, "sinh"},
    Operator{"", "Cosh", infer_unary, lower_unary, "cosh"},
    Operator{"", "Asinh", infer_unary, lower_unary, "asinh"},
    Operator{"", "Acosh", infer_unary, lower_unary, "acosh"},
    Operator{"", "Atanh", infer_unary, lower_unary, "atanh"},
    Operator{"", "Not", infer_unary, lower_unary, "not"},
    Operator{"", "BitwiseNot", infer_unary, lower_unary, "bitwise_not"},
    Operator{"", "IsNaN", infer_test, lower_unary, "isnan"},
    Operator{"", "IsInf", infer_test, lower_unary, "isinf"},
    Operator{microsoft, "Gelu", infer_unary, lower_biased_gelu, "gelu_erf"},
    Operator{microsoft, "BiasGelu", infer_unary, lower_biased_gelu, "gelu_erf"},
    Operator{microsoft, "FastGelu", infer_unary, lower_biased_gelu, "gelu_tanh"},
    Operator{microsoft, "BiasAdd", infer_same_shape_as_first, lower_bias_add},
    Operator{microsoft, "BiasSplitGelu", infer_split_gelu, lower_split_gelu},
    Operator{microsoft, "QuickGelu", infer_unary, lower_scaled_silu},
    Operator{microsoft, "QLinearSigmoid", infer_same_shape_as_first, lower_quantized_unary,
             "sigmoid"},
    Operator{microsoft, "QLinearLeakyRelu", infer_same_shape_as_first, lower_quantized_unary,
             "leaky_relu"},
};

}  // namespace

std::span<const Operator> unary_operators() { return unary_rows; }

}  // namespace flopmeter::onnx
