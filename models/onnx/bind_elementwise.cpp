// Functions of one and more tensors, element by element, as nodes of a network.
#include <array>
#include <cmath>

#include "models/onnx/bind.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

/// Layers have their constants built in: a file that has others is refused.
struct Setting {
  std::string_view op, attribute;
  double otherwise, of_layer;
};

constexpr std::array settings{
    Setting{"LeakyRelu", "alpha", 0.01, 0.01},
    Setting{"Elu", "alpha", 1, 1},
    Setting{"Celu", "alpha", 1, 1},
    Setting{"HardSigmoid", "alpha", 0.2, 1.0 / 6},
    Setting{"HardSigmoid", "beta", 0.5, 0.5},
    Setting{"ThresholdedRelu", "alpha", 1, 0.25},
    Setting{"Selu", "alpha", 1.67326319217681884765625, 1.6732632423543772848},
    Setting{"Selu", "gamma", 1.05070102214813232421875, 1.0507009873554804934},
};

void check_settings(const Binding& b) {
  for (const Setting& one : settings) {
    if (one.op != b.node.proto->op) {
      continue;
    }
    const double given = b.view.real(one.attribute, one.otherwise);
    if (std::abs(given - one.of_layer) > 1e-6 * std::abs(one.of_layer)) {
      bad_input("{} is {}, its layer has {:.6g}", one.attribute, given, one.of_layer);
    }
  }
}

void bind_unary(const Binding& b) {
  check_settings(b);
  b.add({{"src", b.in(0)}});
}

/// A bound: an input, or an attribute below opset 11; none is infinity.
TensorId bound(const Binding& b, std::size_t input, std::string_view attribute, float none) {
  if (b.view.has(input)) {
    return b.in(input);
  }
  const auto value = static_cast<float>(b.view.real(attribute, none));
  return b.builder.constant(fmt::format("{}:{}", b.node.name, attribute), {1},
                            [value] { return std::vector<float>{value}; });
}

void bind_clip(const Binding& b) {
  constexpr float most = std::numeric_limits<float>::max();
  const auto x = b.view.sizes(0);
  const std::string ones = fmt::format(
      "{}", shape_text(std::vector<std::int64_t>(std::max<std::size_t>(x.size(), 1), 1)));
  b.add_last(
      "clamp", fmt::format("{}:{}:{}", shape_text(x), ones, ones),
      {{"src0", b.in(0)}, {"src1", bound(b, 1, "min", -most)}, {"src2", bound(b, 2, "max", most)}});
}

/// What is added is small, what is multiplied or divided by is about 1, where it is drawn.
void draw_second(const Binding& b) {
  const std::string_view op = b.node.proto->op;
  for (std::size_t i = 0; i < b.node.inputs.size(); ++i) {
    b.draw(i, op == "Mul" || op == "Div" ? Range{0.5, 1.5} : Range{-0.1, 0.1});
  }
}

void bind_binary(const Binding& b) {
  draw_second(b);
  b.add({{"src0", b.in(0)}, {"src1", b.in(1)}});
}

/// A power that is a few products, or a root.
void bind_power(const Binding& b) {
  const Lowered& lowered = b.lowered;
  if (!lowered.layers.empty() && lowered.layers.front().layer == "sqrt") {
    return bind_unary(b);
  }
  if (lowered.layers.empty() || lowered.layers.front().layer != "mul") {
    return bind_binary(b);
  }
  TensorId power = b.in(0);
  for (std::size_t i = 0; i + 1 < lowered.layers.size(); ++i) {
    power = b.add_between(lowered.layers[i].label, "mul", shape_text(lowered.layers[i]),
                          {{"src0", power}, {"src1", b.in(0)}});
  }
  b.add_last("mul", shape_text(lowered.layers.back()), {{"src0", power}, {"src1", b.in(0)}});
}

void bind_variadic(const Binding& b) {
  const auto& layers = b.lowered.layers;
  if (layers.size() + 1 != b.node.inputs.size()) {
    bad_input("a mean of tensors is not run yet");
  }
  draw_second(b);
  TensorId sum = b.in(0);
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    sum = b.add_between(layers[i].label, layers[i].layer, shape_text(layers[i]),
                        {{"src0", sum}, {"src1", b.in(i + 1)}});
  }
  b.add_last(layers.back().layer, shape_text(layers.back()),
             {{"src0", sum}, {"src1", b.in(layers.size())}});
}

void bind_where(const Binding& b) {
  b.add({{"src0", b.in(0)}, {"src1", b.in(1)}, {"src2", b.in(2)}});
}

constexpr std::array elementwise_rows{
    Binder{"", "Relu", bind_unary},
    Binder{"", "LeakyRelu", bind_unary},
    Binder{"", "ThresholdedRelu", bind_unary},
    Binder{"", "Sigmoid", bind_unary},
    Binder{"", "HardSigmoid", bind_unary},
    Binder{"", "HardSwish", bind_unary},
    Binder{"", "Tanh", bind_unary},
    Binder{"", "Gelu", bind_unary},
    Binder{"", "Elu", bind_unary},
    Binder{"", "Selu", bind_unary},
    Binder{"", "Celu", bind_unary},
    Binder{"", "Softplus", bind_unary},
    Binder{"", "Softsign", bind_unary},
    Binder{"", "Mish", bind_unary},
    Binder{"", "Abs", bind_unary},
    Binder{"", "Neg", bind_unary},
    Binder{"", "Exp", bind_unary},
    Binder{"", "Log", bind_unary},
    Binder{"", "Sqrt", bind_unary},
    Binder{"", "Reciprocal", bind_unary},
    Binder{"", "Erf", bind_unary},
    Binder{"", "Floor", bind_unary},
    Binder{"", "Ceil", bind_unary},
    Binder{"", "Round", bind_unary},
    Binder{"", "Sign", bind_unary},
    Binder{"", "Sin", bind_unary},
    Binder{"", "Cos", bind_unary},
    Binder{"", "Not", bind_unary},
    Binder{"", "Clip", bind_clip},
    Binder{"", "Add", bind_binary},
    Binder{"", "Sub", bind_binary},
    Binder{"", "Mul", bind_binary},
    Binder{"", "Div", bind_binary},
    Binder{"", "Pow", bind_power},
    Binder{"", "PRelu", bind_binary},
    Binder{"", "Equal", bind_binary},
    Binder{"", "Less", bind_binary},
    Binder{"", "Greater", bind_binary},
    Binder{"", "LessOrEqual", bind_binary},
    Binder{"", "GreaterOrEqual", bind_binary},
    Binder{"", "And", bind_binary},
    Binder{"", "Or", bind_binary},
    Binder{"", "Min", bind_variadic},
    Binder{"", "Max", bind_variadic},
    Binder{"", "Sum", bind_variadic},
    Binder{"", "Where", bind_where},
};

}  // namespace

std::span<const Binder> elementwise_binders() { return elementwise_rows; }

}  // namespace flopmeter::onnx
