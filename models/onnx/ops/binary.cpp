// Functions of two or more tensors, element by element, broadcast.
#include <algorithm>
#include <array>

#include "models/onnx/operator.h"
#include "models/onnx/ops/arithmetic.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

/// Opset 6 and below: B is aligned with an axis of A, a slope of PRelu with the channels.
Dims legacy_dims(const NodeView& n, std::size_t i) {
  Dims dims = n.dims(i);
  if (i == 1 && n.opset < 7 && n.proto.op == "PRelu" && dims.size() == 1) {
    dims.resize(static_cast<std::size_t>(std::max<std::int64_t>(n.rank(0) - 1, 1)), 1);
  }
  if (i == 1 && n.opset < 7 && n.integer("broadcast", 0) != 0) {
    const std::int64_t axis = n.integer("axis", n.rank(0) - n.rank(1));
    for (std::int64_t after = axis + n.rank(1); after < n.rank(0); ++after) {
      dims.emplace_back(1);
    }
  }
  return dims;
}

void infer_binary(NodeView& n) {
  const Dims a = legacy_dims(n, 0);
  const Dims b = legacy_dims(n, 1);
  Dims out = broadcast(a, b);
  Contents folded;
  const bool cut = n.integer("fmod", 0) != 0;  // the sign of the dividend: not evaluated
  if (n.content(0) != nullptr && n.content(1) != nullptr && !cut) {
    folded = fold_pair(n.proto.op, out, a, *n.content(0), b, *n.content(1));
  }
  n.set(0, n.in(0).elem, std::move(out), std::move(folded));
}

void infer_comparison(NodeView& n) {
  infer_binary(n);
  n.outputs.at(0).elem = Elem::boolean;
}

Lowered lower_binary(const NodeView& n) {
  Lowered lowered;
  lowered.layers.push_back(
      binary_use(n.row->layer, known_sizes(legacy_dims(n, 0)), known_sizes(legacy_dims(n, 1))));
  return lowered;
}

/// A power that is a constant 2 is one multiply, and so on; others are logarithms and exponentials.
Lowered lower_power(const NodeView& n) {
  const Content* exponent = n.content(1);
  if (exponent != nullptr && exponent->size() == 1) {
    const double value =
        exponent->real ? exponent->reals[0] : static_cast<double>(exponent->integers[0].value());
    if (value == 1) {
      return moves("view");
    }
    if (value == 2 || value == 3) {
      Lowered lowered;
      for (int i = 1; i < static_cast<int>(value); ++i) {
        lowered.layers.push_back(
            binary_use("mul", n.output_sizes(), n.output_sizes(), fmt::format("x{}", i)));
      }
      return lowered;
    }
    if (value == 0.5) {
      Lowered lowered;
      lowered.layers.push_back(unary_use("sqrt", n.output_count()));
      return lowered;
    }
  }
  return lower_binary(n);
}

void infer_variadic(NodeView& n) {
  Dims out = n.dims(0);
  Contents folded = n.inputs[0]->content;
  for (std::size_t i = 1; i < n.inputs.size(); ++i) {
    Dims next = broadcast(out, n.dims(i));
    folded = folded != nullptr && n.content(i) != nullptr
                 ? fold_pair(n.proto.op, next, out, *folded, n.dims(i), *n.content(i))
                 : nullptr;
    out = std::move(next);
  }
  if (n.proto.op == "Mean" && n.inputs.size() > 1) {
    folded = nullptr;
  }
  n.set(0, n.in(0).elem, std::move(out), std::move(folded));
}

Lowered lower_variadic(const NodeView& n) {
  if (n.inputs.size() == 1) {
    return moves("view");
  }
  Lowered lowered;
  Dims sum = n.dims(0);
  for (std::size_t i = 1; i < n.inputs.size(); ++i) {
    lowered.layers.push_back(binary_use(n.row->layer, known_sizes(sum), n.sizes(i),
                                        n.inputs.size() > 2 ? fmt::format("{}", i) : ""));
    sum = broadcast(sum, n.dims(i));
  }
  if (n.proto.op == "Mean") {
    lowered.layers.push_back(binary_use("div", known_sizes(sum), {1}, "mean"));
  }
  return lowered;
}

Contents fold_where(const NodeView& n, const Dims& out) {
  const Content* condition = n.content(0);
  const Content* yes = n.content(1);
  const Content* no = n.content(2);
  if (condition == nullptr || yes == nullptr || no == nullptr || yes->real != no->real ||
      condition->real || !small(out)) {
    return nullptr;
  }
  Content result;
  result.real = yes->real;
  for (std::int64_t i = 0; i < elements_of(out).value(); ++i) {
    const Dim chosen =
        condition->integers.at(static_cast<std::size_t>(source_of(i, out, n.dims(0))));
    const bool first = !chosen.is(0);
    const auto at = static_cast<std::size_t>(source_of(i, out, n.dims(first ? 1 : 2)));
    const Content& from = first ? *yes : *no;
    if (from.real) {
      if (!chosen.known()) {
        return nullptr;
      }
      result.reals.push_back(from.reals.at(at));
    } else {
      result.integers.push_back(
          chosen.known() ? from.integers.at(at)
                         : unknown_of("where(" + chosen.text() + ")",
                                      n.content(1)->integers.at(
                                          static_cast<std::size_t>(source_of(i, out, n.dims(1)))),
                                      n.content(2)->integers.at(
                                          static_cast<std::size_t>(source_of(i, out, n.dims(2))))));
    }
  }
  return std::make_shared<const Content>(std::move(result));
}

void infer_where(NodeView& n) {
  Dims out = broadcast(broadcast(n.dims(0), n.dims(1)), n.dims(2));
  Contents folded =
      all_known(out) && all_known(n.dims(0)) && all_known(n.dims(1)) && all_known(n.dims(2))
          ? fold_where(n, out)
          : nullptr;
  n.set(0, n.in(1).elem, std::move(out), std::move(folded));
}

Lowered lower_where(const NodeView& n) {
  Lowered lowered;
  LayerUse use{"where", {}};
  const std::size_t rank = n.outputs.at(0).dims->size();
  for (std::size_t i = 0; i < 3; ++i) {
    auto sizes = n.sizes(i);
    sizes.insert(sizes.begin(), std::max<std::size_t>(rank, 1) - sizes.size(), 1);
    use.text += (i == 0 ? "" : ":") + shape_text(sizes);
  }
  lowered.layers.push_back(std::move(use));
  return lowered;
}

constexpr std::array binary_rows{
    Operator{"", "Add", infer_binary, lower_binary, "add"},
    Operator{"", "Sub", infer_binary, lower_binary, "sub"},
    Operator{"", "Mul", infer_binary, lower_binary, "mul"},
    Operator{"", "Div", infer_binary, lower_binary, "div"},
    Operator{"", "Pow", infer_binary, lower_power, "pow"},
    Operator{"", "Mod", infer_binary, lower_binary, "mod"},
    Operator{"", "PRelu", infer_binary, lower_binary, "prelu"},
    Operator{"", "Equal", infer_comparison, lower_binary, "equal"},
    Operator{"", "Less", infer_comparison, lower_binary, "less"},
    Operator{"", "Greater", infer_comparison, lower_binary, "greater"},
    Operator{"", "LessOrEqual", infer_comparison, lower_binary, "less_equal"},
    Operator{"", "GreaterOrEqual", infer_comparison, lower_binary, "greater_equal"},
    Operator{"", "And", infer_comparison, lower_binary, "and"},
    Operator{"", "Or", infer_comparison, lower_binary, "or"},
    Operator{"", "Xor", infer_comparison, lower_binary, "xor"},
    Operator{"", "BitShift", infer_binary, lower_binary, "bit_shift"},
    Operator{"", "BitwiseAnd", infer_binary, lower_binary, "bitwise_and"},
    Operator{"", "BitwiseOr", infer_binary, lower_binary, "bitwise_or"},
    Operator{"", "BitwiseXor", infer_binary, lower_binary, "bitwise_xor"},
    Operator{"", "Min", infer_variadic, lower_variadic, "min"},
    Operator{"", "Max", infer_variadic, lower_variadic, "max"},
    Operator{"", "Sum", infer_variadic, lower_variadic, "add"},
    Operator{"", "Mean", infer_variadic, lower_variadic, "add"},
    Operator{"", "Where", infer_where, lower_where},
};

}  // namespace

std::span<const Operator> binary_operators() { return binary_rows; }

}  // namespace flopmeter::onnx
