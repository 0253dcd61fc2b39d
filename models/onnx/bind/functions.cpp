// Functions of one tensor, element by element, as nodes of a network.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/onnx/bind/steps.h"

namespace flopmeter::onnx {
namespace {

/// Layers have their constants built in; with others a function is put together of steps.
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
    Setting{"QuickGelu", "alpha", 1.702, 1.702},
    Setting{"Swish", "alpha", 1, 1},
    Setting{"IsInf", "detect_positive", 1, 1},
    Setting{"IsInf", "detect_negative", 1, 1},
};

/// Null where all are as the layer has them.
const Setting* other_setting(const Binding& b) {
  for (const Setting& one : settings) {
    if (one.op != b.node.proto->op) {
      continue;
    }
    const bool whole = one.op == "IsInf";
    const double given = whole ? static_cast<double>(b.view.integer(one.attribute, 1))
                               : b.view.real(one.attribute, one.otherwise);
    if (std::abs(given - one.of_layer) > 1e-6 * std::abs(one.of_layer)) {
      return &one;
    }
  }
  return nullptr;
}

double setting_of(const Binding& b, std::string_view attribute) {
  const auto* const row = std::ranges::find_if(settings, [&](const Setting& one) {
    return one.op == b.node.proto->op && one.attribute == attribute;
  });
  return b.view.real(attribute, row->otherwise);
}

/// x where it is above 0, else alpha * (exp(x / width) - 1).
Value exponential_unit(Steps& s, const Value& x, double alpha, double width) {
  const Value below = s.one("expm1", s.two("div", s.two("min", x, 0), width));
  return s.two("add", s.one("relu", x), s.two("mul", below, alpha));
}

struct SettingRow {
  std::string_view op;
  Value (*make)(Steps&, const Value& x, const Binding&);
};

const std::array setting_rows{
    SettingRow{"LeakyRelu",
               [](Steps& s, const Value& x, const Binding& b) {
                 return s.two("prelu", x, setting_of(b, "alpha"));
               }},
    SettingRow{"Elu",
               [](Steps& s, const Value& x, const Binding& b) {
                 return exponential_unit(s, x, setting_of(b, "alpha"), 1);
               }},
    SettingRow{"Celu",
               [](Steps& s, const Value& x, const Binding& b) {
                 return exponential_unit(s, x, setting_of(b, "alpha"), setting_of(b, "alpha"));
               }},
    SettingRow{"Selu",
               [](Steps& s, const Value& x, const Binding& b) {
                 return s.two("mul", exponential_unit(s, x, setting_of(b, "alpha"), 1),
                              setting_of(b, "gamma"));
               }},
    SettingRow{"HardSigmoid",
               [](Steps& s, const Value& x, const Binding& b) {
                 const Value line =
                     s.two("add", s.two("mul", x, setting_of(b, "alpha")), setting_of(b, "beta"));
                 return s.two("min", s.one("relu", line), 1);
               }},
    SettingRow{"ThresholdedRelu",
               [](Steps& s, const Value& x, const Binding& b) {
                 return s.two("mul", x, s.two("greater", x, setting_of(b, "alpha")));
               }},
    SettingRow{"QuickGelu",
               [](Steps& s, const Value& x, const Binding& b) {
                 return s.two("mul", x, s.one("sigmoid", s.two("mul", x, setting_of(b, "alpha"))));
               }},
    SettingRow{"Swish",
               [](Steps& s, const Value& x, const Binding& b) {
                 return s.two("mul", x, s.one("sigmoid", s.two("mul", x, setting_of(b, "alpha"))));
               }},
};

void bind_unary(const Binding& b) {
  const Setting* const other = other_setting(b);
  if (other == nullptr) {
    b.add({{"src", b.in(0)}});
    return;
  }
  const auto* const row = std::ranges::find(setting_rows, b.node.proto->op, &SettingRow::op);
  if (row == setting_rows.end()) {
    bad_input("with another {} than {:.6g} it is not run", other->attribute, other->of_layer);
  }
  Steps steps(b);
  steps.finish(row->make(steps, steps.in(0), b));
}

/// 0 where |x| is not above lambd, else x moved towards 0 by the bias.
void bind_shrink(const Binding& b) {
  const double bound = b.view.real("lambd", 0.5);
  const double bias = b.view.real("bias", 0);
  Steps steps(b);
  const Value x = steps.in(0);
  const Value above =
      steps.where(steps.two("greater", x, bound), steps.two("sub", x, bias), steps.number(0));
  steps.finish(steps.where(steps.two("less", x, -bound), steps.two("add", x, bias), above));
}

/// The bias is added first, where there is one.
void bind_biased_gelu(const Binding& b) {
  Steps steps(b);
  Value x = steps.in(0);
  if (b.view.has(1)) {
    b.draw(1, {-0.1, 0.1});
    x = steps.two("add", x, steps.in(1));
  }
  steps.finish(steps.one(b.view.row->layer, x));
}

/// The number of the type that differs from x by a multiple of as many as the type has.
Value wrapped(Steps& steps, const Value& x, Elem to) {
  const IntegerRange range = range_of(to);
  const double many = range.high - range.low + 1;
  const Value turns =
      steps.one("floor", steps.two("mul", steps.two("sub", x, range.low), 1 / many));
  return steps.two("sub", x, steps.two("mul", turns, many));
}

/// Where it is no view: fractions go, what an integer type does not have wraps round, and everything that is not 0 is
/// true.
void bind_cast(const Binding& b) {
  const Elem from = b.view.in(0).elem;
  const Elem to = b.view.outputs.at(0).elem;
  Steps steps(b);
  steps.finish(to == Elem::boolean ? steps.two("not_equal", steps.in(0), 0)
               : wraps(from, to)   ? wrapped(steps, steps.in(0), to)
                                   : steps.one("trunc", steps.in(0)));
}

constexpr std::array function_rows{
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
    Binder{"", "Tan", bind_unary},
    Binder{"", "Asin", bind_unary},
    Binder{"", "Acos", bind_unary},
    Binder{"", "Atan", bind_unary},
    Binder{"", "Sinh", bind_unary},
    Binder{"", "Cosh", bind_unary},
    Binder{"", "Asinh", bind_unary},
    Binder{"", "Acosh", bind_unary},
    Binder{"", "Atanh", bind_unary},
    Binder{"", "IsNaN", bind_unary},
    Binder{"", "IsInf", bind_unary},
    Binder{"", "Shrink", bind_shrink},
    Binder{"", "Swish", bind_unary},
    Binder{"", "Cast", bind_cast},
    Binder{"", "CastLike", bind_cast},
    Binder{microsoft, "Gelu", bind_biased_gelu},
    Binder{microsoft, "BiasGelu", bind_biased_gelu},
    Binder{microsoft, "FastGelu", bind_biased_gelu},
    Binder{microsoft, "QuickGelu", bind_unary},
};

}  // namespace

std::span<const Binder> function_binders() { return function_rows; }

}  // namespace flopmeter::onnx
