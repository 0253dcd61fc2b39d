#include "models/onnx/ops/arithmetic.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

using Op = std::string_view;

bool is_comparison(Op op) {
  return op == "Equal" || op == "Less" || op == "Greater" || op == "LessOrEqual" ||
         op == "GreaterOrEqual";
}

Dim truth(bool value) { return value ? 1 : 0; }

Dim compare_integers(Op op, std::int64_t a, std::int64_t b) {
  return truth(op == "Equal"         ? a == b
               : op == "Less"        ? a < b
               : op == "Greater"     ? a > b
               : op == "LessOrEqual" ? a <= b
                                     : a >= b);
}

/// Integer division is cut towards zero, Mod has the sign of the divisor unless fmod is asked for.
Dim divide_integers(const Dim& a, const Dim& b) {
  return a.known() && b.known() && b.value() != 0 && b.value() != -1 ? Dim(a.value() / b.value())
                                                                     : floor_divide(a, b);
}

Dim power(std::int64_t base, std::int64_t exponent) {
  Dim result = 1;
  std::int64_t left = exponent;
  for (; left > 0 && left < 64 && result.known(); --left) {
    result = result * base;
  }
  return left == 0 ? result : unknown_of("Pow", base, exponent);
}

Dim known_integers_of(Op op, std::int64_t a, std::int64_t b) {
  if (op == "Min") {
    return std::min(a, b);
  }
  if (op == "Max") {
    return std::max(a, b);
  }
  if (op == "And") {
    return truth(a != 0 && b != 0);
  }
  if (op == "Or") {
    return truth(a != 0 || b != 0);
  }
  if (op == "Xor") {
    return truth((a != 0) != (b != 0));
  }
  if (op == "Mod" && b != 0 && b != -1) {
    return Dim(a) - floor_divide(a, b) * b;
  }
  if (op == "Pow") {
    return power(a, b);
  }
  return is_comparison(op) ? compare_integers(op, a, b) : unknown_of(op, a, b);
}

Dim fold_integers(Op op, const Dim& a, const Dim& b) {
  if (op == "Add" || op == "Sum") {
    return a + b;
  }
  if (op == "Sub") {
    return a - b;
  }
  if (op == "Mul") {
    return a * b;
  }
  if (op == "Div") {
    return divide_integers(a, b);
  }
  if (a.known() && b.known()) {
    return known_integers_of(op, a.value(), b.value());
  }
  return a == b && (op == "Equal" || op == "Min" || op == "Max") ? (op == "Equal" ? Dim(1) : a)
                                                                 : unknown_of(op, a, b);
}

using RealPair = double (*)(double, double);

/// Null for an operator that is not evaluated.
RealPair real_pair(Op op) {
  struct Row {
    Op op;
    RealPair function;
  };
  static constexpr std::array rows{
      Row{"Add", [](double a, double b) { return a + b; }},
      Row{"Sum", [](double a, double b) { return a + b; }},
      Row{"Sub", [](double a, double b) { return a - b; }},
      Row{"Mul", [](double a, double b) { return a * b; }},
      Row{"Div", [](double a, double b) { return a / b; }},
      Row{"Pow", [](double a, double b) { return std::pow(a, b); }},
      Row{"Min", [](double a, double b) { return std::min(a, b); }},
      Row{"Max", [](double a, double b) { return std::max(a, b); }},
  };
  const auto* const found = std::ranges::find(rows, op, &Row::op);
  return found == rows.end() ? nullptr : found->function;
}

Dim compare_reals(Op op, double a, double b) {
  return truth(op == "Equal"         ? a == b
               : op == "Less"        ? a < b
               : op == "Greater"     ? a > b
               : op == "LessOrEqual" ? a <= b
                                     : a >= b);
}

/// Integers of every one of these; shifts, bits and slopes are not evaluated.
bool folds_integers(Op op) {
  static constexpr std::array<Op, 12> ops{"Add", "Sum", "Sub", "Mul", "Div", "Mod",
                                          "Pow", "Min", "Max", "And", "Or",  "Xor"};
  return std::ranges::find(ops, op) != ops.end();
}

}  // namespace

Dim unknown_of(Op op, const Dim& a, const Dim& b) {
  return Dim::unknown(fmt::format("{}({},{})", op, a.text(), b.text()));
}

bool small(const Dims& dims) {
  const Dim count = elements_of(dims);
  return count.known() && count.value() <= max_content;
}

Contents fold_pair(Op op, const Dims& out, const Dims& a_dims, const Content& a, const Dims& b_dims,
                   const Content& b) {
  const RealPair reals = real_pair(op);
  const bool evaluated = is_comparison(op) || (a.real ? reals != nullptr : folds_integers(op));
  if (a.real != b.real || !small(out) || !all_known(a_dims) || !all_known(b_dims) || !evaluated) {
    return nullptr;
  }
  const std::int64_t count = elements_of(out).value();
  Content result;
  result.real = a.real && !is_comparison(op);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at_a = static_cast<std::size_t>(source_of(i, out, a_dims));
    const auto at_b = static_cast<std::size_t>(source_of(i, out, b_dims));
    if (!a.real) {
      result.integers.push_back(fold_integers(op, a.integers.at(at_a), b.integers.at(at_b)));
    } else if (result.real) {
      result.reals.push_back(reals(a.reals.at(at_a), b.reals.at(at_b)));
    } else {
      result.integers.push_back(compare_reals(op, a.reals.at(at_a), b.reals.at(at_b)));
    }
  }
  return std::make_shared<const Content>(std::move(result));
}

}  // namespace flopmeter::onnx
