#include "models/onnx/bind/cell_activations.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace flopmeter::onnx {
namespace {

/// What ONNX allows there. `constants`: how many it takes; the layer is null where it is put together of steps.
struct ActivationRow {
  std::string_view name;
  int constants;
  double alpha, beta;
  Value (*make)(Steps&, const Value&, const CellActivation&);
};

template <const char* layer>
Value of_layer(Steps& s, const Value& x, const CellActivation& /*by*/) {
  return s.one(layer, x);
}

Value affine_of(Steps& s, const Value& x, const CellActivation& by) {
  return s.two("add", s.two("mul", x, by.alpha), by.beta);
}

Value scaled_tanh_of(Steps& s, const Value& x, const CellActivation& by) {
  return s.two("mul", s.one("tanh", s.two("mul", x, by.beta)), by.alpha);
}

Value hard_sigmoid_of(Steps& s, const Value& x, const CellActivation& by) {
  return s.two("min", s.one("relu", affine_of(s, x, by)), 1);
}

Value leaky_relu_of(Steps& s, const Value& x, const CellActivation& by) {
  return s.two("prelu", x, by.alpha);
}

Value thresholded_relu_of(Steps& s, const Value& x, const CellActivation& by) {
  return s.where(s.two("greater_equal", x, by.alpha), x, s.number(0));
}

Value elu_of(Steps& s, const Value& x, const CellActivation& by) {
  return s.two("add", s.one("relu", x), s.two("mul", s.one("expm1", s.two("min", x, 0)), by.alpha));
}

constexpr char sigmoid_layer[] = "sigmoid", tanh_layer[] = "tanh", relu_layer[] = "relu";
constexpr char softsign_layer[] = "softsign", softplus_layer[] = "softplus";

constexpr std::array activation_rows{
    ActivationRow{"sigmoid", 0, 0, 0, of_layer<sigmoid_layer>},
    ActivationRow{"tanh", 0, 0, 0, of_layer<tanh_layer>},
    ActivationRow{"relu", 0, 0, 0, of_layer<relu_layer>},
    ActivationRow{"softsign", 0, 0, 0, of_layer<softsign_layer>},
    ActivationRow{"softplus", 0, 0, 0, of_layer<softplus_layer>},
    ActivationRow{"affine", 2, 1, 0, affine_of},
    ActivationRow{"scaledtanh", 2, 1, 1, scaled_tanh_of},
    ActivationRow{"hardsigmoid", 2, 0.2, 0.5, hard_sigmoid_of},
    ActivationRow{"leakyrelu", 1, 0.01, 0, leaky_relu_of},
    ActivationRow{"thresholdedrelu", 1, 1, 0, thresholded_relu_of},
    ActivationRow{"elu", 1, 1, 0, elu_of},
};

const ActivationRow& find_activation(std::string_view name) {
  const auto* const found = std::ranges::find(activation_rows, name, &ActivationRow::name);
  if (found == activation_rows.end()) {
    bad_input(
        "its activation '{}' is none of Sigmoid, Tanh, Relu, Softsign, Softplus, Affine, "
        "ScaledTanh, HardSigmoid, LeakyRelu, ThresholdedRelu, Elu",
        name);
  }
  return *found;
}

std::string in_lower_case(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace

std::vector<CellActivation> cell_activations(const NodeView& node,
                                             const std::vector<std::string>& usual,
                                             std::size_t directions) {
  const auto reals = [&](std::string_view name) {
    const AttributeProto* given = node.attribute(name);
    return given == nullptr ? std::vector<double>{} : given->reals();
  };
  std::vector<std::string> names;
  if (const AttributeProto* attribute = node.attribute("activations")) {
    std::ranges::transform(attribute->texts(), std::back_inserter(names), in_lower_case);
  }
  const bool given = node.attribute("activations") != nullptr;
  for (std::size_t d = 0; d < directions && !given; ++d) {
    names.insert(names.end(), usual.begin(), usual.end());
  }
  if (names.size() != usual.size() * directions) {
    bad_input("it has {} activations: {} for each of {} directions are needed", names.size(),
              usual.size(), directions);
  }
  const std::vector<double> alphas = reals("activation_alpha");
  const std::vector<double> betas = reals("activation_beta");
  std::size_t alpha = 0;
  std::size_t beta = 0;
  std::vector<CellActivation> all;
  for (const std::string& name : names) {
    const ActivationRow& row = find_activation(name);
    CellActivation one{name, row.alpha, row.beta};
    if (row.constants > 0 && alpha < alphas.size()) {
      one.alpha = alphas[alpha++];
    }
    if (row.constants > 1 && beta < betas.size()) {
      one.beta = betas[beta++];
    }
    all.push_back(std::move(one));
  }
  return all;
}

Value activated(Steps& steps, const Value& x, const CellActivation& by) {
  return find_activation(by.name).make(steps, x, by);
}

}  // namespace flopmeter::onnx
