// Functions of two and more tensors, element by element, as nodes of a network.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "models/onnx/bind/steps.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

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
  // Integers of a network are below 2^24.
  const float most =
      is_integer(b.view.outputs.at(0).elem) ? 16777215.0F : std::numeric_limits<float>::max();
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

/// Quotients of integers are cut towards zero.
void bind_division(const Binding& b) {
  draw_second(b);
  if (!is_integer(b.view.outputs.at(0).elem)) {
    b.add({{"src0", b.in(0)}, {"src1", b.in(1)}});
    return;
  }
  Steps steps(b);
  steps.finish(steps.one("trunc", steps.two("div", steps.in(0), steps.in(1))));
}

/// The layer has the sign of the divisor, as ONNX without fmod; with it, that of the dividend.
void bind_modulo(const Binding& b) {
  draw_second(b);
  if (b.view.integer("fmod", 0) == 0) {
    b.add({{"src0", b.in(0)}, {"src1", b.in(1)}});
    return;
  }
  Steps steps(b);
  const Value x = steps.in(0);
  const Value y = steps.in(1);
  const Value whole = steps.one("trunc", steps.two("div", x, y));
  steps.finish(steps.two("sub", x, steps.two("mul", whole, y)));
}

/// The exponent where it is one number that is known.
std::optional<double> known_exponent(const Binding& b) {
  const Content* content = b.view.content(1);
  if (content == nullptr || content->size() != 1) {
    return std::nullopt;
  }
  return content->real ? content->reals[0] : static_cast<double>(content->integers[0].value());
}

/// x to a whole power of 1 at the least, by squares.
Value product_of_powers(Steps& steps, const Value& x, int exponent) {
  std::optional<Value> power;
  Value square = x;
  for (int rest = exponent;; square = steps.two("mul", square, square)) {
    if (rest % 2 == 1) {
      power = power ? steps.two("mul", *power, square) : square;
    }
    rest /= 2;
    if (rest == 0) {
      return *power;
    }
  }
}

/// The layer takes the logarithm of x, which may be below 0 or 0 here: |x|^y, - where x is below 0 and y odd, 1 where y
/// is 0, not a number where x is below 0 and y no whole number.
Value power_of_any(Steps& steps, const Value& x, const Value& y) {
  const Value size = steps.two("pow", steps.one("abs", x), y);
  const Value half = steps.two("mul", y, 0.5);
  const Value odd = steps.two("not_equal", steps.one("floor", half), half);
  const Value whole = steps.two("equal", steps.one("floor", y), y);
  const Value below = steps.where(whole, steps.where(odd, steps.one("neg", size), size),
                                  steps.number(std::numeric_limits<double>::quiet_NaN()));
  const Value any = steps.where(steps.two("less", x, 0), below, size);
  return steps.where(steps.two("equal", y, 0), steps.number(1), any);
}

/// Whole powers are products, also of negative numbers. Of a fraction that is known the layer does what it has to: the
/// power of a negative number is none.
void bind_power(const Binding& b) {
  constexpr double most_products = 64;
  draw_second(b);
  const auto exponent = known_exponent(b);
  Steps steps(b);
  const Value x = steps.in(0);
  if (exponent == 0.5) {
    return steps.finish(steps.one("sqrt", x));
  }
  if (exponent && *exponent != std::floor(*exponent)) {
    return b.add_last("pow", binary_use("pow", b.view.sizes(0), b.view.sizes(1)).text,
                      {{"src0", b.in(0)}, {"src1", b.in(1)}}),
           void();
  }
  if (!exponent || *exponent == 0 || std::abs(*exponent) > most_products) {
    return steps.finish(power_of_any(steps, x, steps.in(1)));
  }
  const Value power = product_of_powers(steps, x, static_cast<int>(std::abs(*exponent)));
  steps.finish(*exponent > 0 ? power : steps.two("div", steps.number(1), power));
}

/// One after the other; a mean is divided by how many there are.
void bind_variadic(const Binding& b) {
  draw_second(b);
  Steps steps(b);
  Value all = steps.in(0);
  for (std::size_t i = 1; i < b.node.inputs.size(); ++i) {
    all = steps.two(b.view.row->layer, all, steps.in(i));
  }
  steps.finish(b.node.proto->op == "Mean"
                   ? steps.two("div", all, static_cast<double>(b.node.inputs.size()))
                   : all);
}

void bind_where(const Binding& b) {
  b.add({{"src0", b.in(0)}, {"src1", b.in(1)}, {"src2", b.in(2)}});
}

constexpr std::array elementwise_rows{
    Binder{"", "Clip", bind_clip},
    Binder{"", "Add", bind_binary},
    Binder{"", "Sub", bind_binary},
    Binder{"", "Mul", bind_binary},
    Binder{"", "Div", bind_division},
    Binder{"", "Mod", bind_modulo},
    Binder{"", "Xor", bind_binary},
    Binder{"", "Mean", bind_variadic},
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
