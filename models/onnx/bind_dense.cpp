// Convolutions, products, pooling and norms of a graph as nodes of a network.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/onnx/bind.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

/// He and others 2015: the variance of a sum of `terms` products stays that of its inputs behind a
/// ReLU; without one, half as much.
Range weights_of(std::int64_t terms, double variance) {
  const double bound =
      std::sqrt(3 * variance / static_cast<double>(std::max<std::int64_t>(terms, 1)));
  return {-bound, bound};
}
constexpr Range near_zero{-0.1, 0.1};
constexpr Range around_one{0.5, 1.5};

Operands with_optional(const Binding& b, Operands operands, std::string name, std::size_t input) {
  if (b.view.has(input)) {
    operands.emplace_back(std::move(name), b.in(input));
    b.draw(input, near_zero);
  }
  return operands;
}

void bind_conv(const Binding& b) {
  const auto w = b.view.sizes(1);
  b.draw(1, weights_of(product_of(w, 1, w.size()), 2));
  b.add(with_optional(b, {{"src", b.in(0)}, {"weights", b.in(1)}}, "bias", 2));
}

/// Rows of a constant as columns.
Numbers transposed(Numbers numbers, std::int64_t rows, std::int64_t columns) {
  return [numbers = std::move(numbers), rows, columns] {
    const std::vector<float> from = numbers();
    std::vector<float> to(from.size());
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) {
        to[static_cast<std::size_t>(j * rows + i)] =
            from[static_cast<std::size_t>(i * columns + j)];
      }
    }
    return to;
  };
}

Numbers scaled(Numbers numbers, float factor) {
  return [numbers = std::move(numbers), factor] {
    std::vector<float> all = numbers();
    for (float& number : all) {
      number *= factor;
    }
    return all;
  };
}

/// B as the layer has its weights, a row for each result.
TensorId linear_weights(const Binding& b, std::int64_t depth, std::int64_t columns, bool as_it_is,
                        float factor) {
  const TensorId given = b.in(1);
  Numbers numbers = b.builder.numbers(given);
  numbers = as_it_is ? numbers : transposed(std::move(numbers), depth, columns);
  if (factor != 1) {
    numbers = scaled(std::move(numbers), factor);
  }
  return b.builder.constant(b.node.name + ":weights", {columns, depth}, std::move(numbers));
}

void bind_matmul(const Binding& b) {
  if (b.view.integer("transA", 0) != 0 || b.view.integer("transB", 0) != 0 ||
      b.view.real("alpha", 1) != 1) {
    bad_input("a fused product with transposes or a factor is not run yet");
  }
  const LayerUse& use = b.use();
  const auto weights = b.view.sizes(1);
  if (use.layer != "linear") {
    b.draw(1, weights_of(weights.size() > 1 ? weights[weights.size() - 2] : weights[0], 1));
    b.add({{"src", b.in(0)}, {"weights", b.in(1)}});
    return;
  }
  b.draw(1, weights_of(weights[0], 1));
  b.add({{"src", b.in(0)}, {"weights", linear_weights(b, weights[0], weights[1], false, 1)}});
}

/// A constant C is multiplied by beta beforehand.
TensorId scaled_bias(const Binding& b, std::size_t input, float beta) {
  const TensorId given = b.in(input);
  if (beta == 1) {
    return given;
  }
  if (!b.builder.is_constant(given)) {
    bad_input("a factor beta of {} for what is no constant", beta);
  }
  return b.builder.constant(b.node.name + ":beta c", b.builder.dims(given),
                            scaled(b.builder.numbers(given), beta));
}

void bind_gemm(const Binding& b) {
  const NodeView& n = b.view;
  const auto alpha = static_cast<float>(n.real("alpha", 1));
  const auto beta = static_cast<float>(n.real("beta", 1));
  const auto out = n.output_sizes();
  const auto w = n.sizes(1);
  const bool transposed_b = n.integer("transB", 0) != 0;
  const std::int64_t depth = transposed_b ? w.at(1) : w.at(0);
  b.draw(1, weights_of(depth, 1));
  const TensorId weights = b.in(1);
  const bool linear = b.builder.is_constant(weights) && n.integer("transA", 0) == 0;
  if (!linear && alpha != 1) {
    bad_input("a factor alpha of {} for what is no constant", alpha);
  }
  const bool has_c = n.has(2) && beta != 0;
  const auto c = has_c ? n.sizes(2) : std::vector<std::int64_t>{};
  const bool bias =
      has_c && !c.empty() && c.back() == out[1] && product_of(c, 0, c.size()) == out[1];
  b.draw(2, near_zero);
  std::string shape = linear
                          ? fmt::format("mb{}ic{}oc{}bias{}", out[0], depth, out[1], bias ? 1 : 0)
                          : fmt::format("{}x{}:{}x{}{}{}{}", out[0], depth, depth, out[1],
                                        n.integer("transA", 0) != 0 ? "_ta1" : "",
                                        transposed_b ? "_tb1" : "", bias ? "_bias1" : "");
  Operands operands{
      {"src", b.in(0)},
      {"weights", linear ? linear_weights(b, depth, out[1], transposed_b, alpha) : weights}};
  if (bias) {
    operands.emplace_back("bias", scaled_bias(b, 2, beta));
  }
  const std::string_view layer = linear ? "linear" : "matmul";
  if (!has_c || bias) {
    b.add_last(layer, shape, operands);
    return;
  }
  const TensorId product = b.add_between("product", layer, shape, operands);
  const LayerUse sum = binary_use("add", out, c);
  b.add_last("add", sum.text, {{"src0", product}, {"src1", scaled_bias(b, 2, beta)}});
}

void bind_source(const Binding& b) { b.add({{"src", b.in(0)}}); }

/// Pooling that rounds up has windows that begin behind the input; the layers divide by what is in
/// the padding as the file says.
void bind_pool(const Binding& b) {
  if (b.node.outputs.size() > 1) {
    bad_input("the places of its maxima are not run");
  }
  bind_source(b);
}

/// The layer adds 1e-5 to the variance; a file that adds something else has the difference in it.
void bind_batchnorm(const Binding& b) {
  const auto epsilon = static_cast<float>(b.view.real("epsilon", 1e-5));
  if (b.node.outputs.size() > 1) {
    bad_input("batch normalisation that trains is not run");
  }
  b.draw(1, around_one);
  b.draw(2, near_zero);
  b.draw(3, near_zero);
  b.draw(4, around_one);
  TensorId variance = b.in(4);
  if (epsilon != 1e-5F) {
    if (!b.builder.is_constant(variance)) {
      bad_input("an epsilon of {} with a variance that is no constant", epsilon);
    }
    Numbers shifted = [numbers = b.builder.numbers(variance), epsilon] {
      std::vector<float> all = numbers();
      for (float& number : all) {
        number += epsilon - 1e-5F;
      }
      return all;
    };
    variance =
        b.builder.constant(b.node.name + ":variance", b.builder.dims(variance), std::move(shifted));
  }
  b.add({{"src", b.in(0)},
         {"scale", b.in(1)},
         {"shift", b.in(2)},
         {"mean", b.in(3)},
         {"variance", variance}});
}

/// Along the last axis, or others of one element behind it.
void bind_softmax(const Binding& b) {
  const auto x = b.view.sizes(0);
  if (b.view.opset >= 13) {
    const std::size_t axis = b.view.axis(b.view.integer("axis", -1), b.view.rank(0));
    if (product_of(x, axis + 1, x.size()) != 1) {
      bad_input("along axis {} of {} dimensions: along the last one alone is run", axis, x.size());
    }
  }
  bind_source(b);
}

TensorId scalar(const Binding& b, std::string_view name, float value) {
  return b.builder.constant(fmt::format("{}:{}", b.node.name, name), {1},
                            [value] { return std::vector<float>{value}; });
}

/// As ONNX defines it: mean, difference, variance, epsilon, quotient, scale and shift.
void bind_layernorm(const Binding& b) {
  const auto x = b.view.sizes(0);
  const std::size_t axis = b.view.axis(b.view.integer("axis", -1), b.view.rank(0));
  for (std::size_t i = 1; i < b.node.outputs.size(); ++i) {
    bad_input("its statistics as results are not run");
  }
  const std::vector<std::int64_t> all{product_of(x, 0, axis), product_of(x, axis, x.size())};
  const std::vector<std::int64_t> one{all[0], 1};
  const std::string rows = shape_text(all) + ":" + shape_text(one);
  const std::string same = shape_text(all) + ":" + shape_text(all);
  const std::string per_column = fmt::format("{}:1x{}", shape_text(all), all[1]);
  b.draw(1, around_one);
  b.draw(2, near_zero);
  const TensorId mean = b.add_between("mean", "reduce_mean", rows, {{"src", b.in(0)}});
  const TensorId centred =
      b.add_between("centred", "sub", rows, {{"src0", b.in(0)}, {"src1", mean}});
  const TensorId squares =
      b.add_between("squares", "mul", same, {{"src0", centred}, {"src1", centred}});
  const TensorId variance = b.add_between("variance", "reduce_mean", rows, {{"src", squares}});
  const TensorId safe = b.add_between(
      "safe", "add", fmt::format("{}:1x1", shape_text(one)),
      {{"src0", variance},
       {"src1", scalar(b, "epsilon", static_cast<float>(b.view.real("epsilon", 1e-5)))}});
  const TensorId deviation =
      b.add_between("deviation", "sqrt", fmt::format("mb1ic{}", all[0]), {{"src", safe}});
  const TensorId normal =
      b.add_between("normal", "div", rows, {{"src0", centred}, {"src1", deviation}});
  if (!b.view.has(2)) {
    b.add_last("mul", per_column, {{"src0", normal}, {"src1", b.in(1)}});
    return;
  }
  const TensorId stretched =
      b.add_between("scaled", "mul", per_column, {{"src0", normal}, {"src1", b.in(1)}});
  b.add_last("add", per_column, {{"src0", stretched}, {"src1", b.in(2)}});
}

constexpr std::array dense_rows{
    Binder{"", "Conv", bind_conv},
    Binder{"", "MatMul", bind_matmul},
    Binder{microsoft, "FusedMatMul", bind_matmul},
    Binder{"", "Gemm", bind_gemm},
    Binder{"", "MaxPool", bind_pool},
    Binder{"", "AveragePool", bind_pool},
    Binder{"", "GlobalAveragePool", bind_source},
    Binder{"", "GlobalMaxPool", bind_source},
    Binder{"", "BatchNormalization", bind_batchnorm},
    Binder{"", "Softmax", bind_softmax},
    Binder{"", "LogSoftmax", bind_softmax},
    Binder{"", "LayerNormalization", bind_layernorm},
    Binder{"", "ReduceMean", bind_source},
    Binder{"", "ReduceSum", bind_source},
    Binder{"", "ReduceMax", bind_source},
    Binder{"", "ReduceMin", bind_source},
    Binder{"", "ReduceL2", bind_source},
};

}  // namespace

std::span<const Binder> dense_binders() { return dense_rows; }

}  // namespace flopmeter::onnx
