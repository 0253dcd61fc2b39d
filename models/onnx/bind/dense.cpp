// Convolutions, products and pooling of a graph as nodes of a network.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "models/onnx/bind/sampling.h"
#include "models/onnx/ops/broadcast.h"
#include "models/onnx/ops/window.h"

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

struct FusedActivation {
  std::string_view name, layer;
};
constexpr std::array fused_activations{
    FusedActivation{"Relu", "relu"}, FusedActivation{"Sigmoid", "sigmoid"},
    FusedActivation{"Tanh", "tanh"}, FusedActivation{"HardSwish", "hardswish"}};

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

/// What optimisers fuse to a convolution, done to its result.
Value activated(Steps& steps, const Binding& b, const Value& x) {
  const std::string_view name = b.view.text("activation", "");
  if (name.empty()) {
    return x;
  }
  const auto* const row = std::ranges::find(fused_activations, name, &FusedActivation::name);
  if (row == fused_activations.end()) {
    bad_input("its activation '{}' is not run", name);
  }
  return steps.one(row->layer, x);
}

void bind_fused_conv(const Binding& b) {
  if (b.lowered.layers.empty() || !b.lowered.reason.empty()) {
    bad_input("{}", b.lowered.reason);
  }
  const auto w = b.view.sizes(1);
  b.draw(1, weights_of(product_of(w, 1, w.size()), 2));
  Steps steps(b);
  std::vector<std::pair<std::string, Value>> operands{{"src", steps.in(0)},
                                                      {"weights", steps.in(1)}};
  if (b.view.has(2)) {
    operands.emplace_back("bias", steps.in(2));
    b.draw(2, near_zero);
  }
  const LayerUse& use = b.lowered.layers.front();
  Value y = steps.layer(use.layer, shape_text(use), operands, b.view.output_sizes());
  y = b.view.has(3) ? steps.two("add", y, steps.in(3)) : y;
  steps.finish(activated(steps, b, y));
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
  return b.builder.constant(fmt::format("{}:weights", b.node.name), {columns, depth},
                            std::move(numbers));
}

/// With transposes and a factor, as ONNX Runtime writes it.
void bind_fused_matmul(const Binding& b) {
  Steps steps(b);
  const auto operand = [&](std::size_t i, std::string_view transposed) {
    const Value x = steps.in(i);
    if (b.view.integer(transposed, 0) == 0 || x.dims.size() < 2) {
      return x;
    }
    std::vector<std::size_t> order(x.dims.size());
    std::iota(order.begin(), order.end(), 0);
    std::swap(order[order.size() - 1], order[order.size() - 2]);
    return steps.transpose(x, order);
  };
  const Value left = operand(0, "transA");
  const Value right = operand(1, "transB");
  const auto w = right.dims;
  b.draw(1, weights_of(w.size() > 1 ? w[w.size() - 2] : w[0], 1));
  const auto matrix = [](const Sizes& dims, bool row) {
    return shape_text(dims.size() != 1 ? dims : row ? Sizes{1, dims[0]} : Sizes{dims[0], 1});
  };
  const Value product = steps.layer("matmul", matrix(left.dims, true) + ":" + matrix(w, false),
                                    {{"src", left}, {"weights", right}}, b.view.output_sizes());
  const double alpha = b.view.real("alpha", 1);
  steps.finish(alpha == 1 ? product : steps.two("mul", product, alpha));
}

void bind_matmul(const Binding& b) {
  const LayerUse& use = b.use();
  const auto weights = b.view.sizes(1);
  if (use.layer != "linear") {
    b.draw(1, weights_of(weights.size() > 1 ? weights[weights.size() - 2] : weights[0], 1));
    b.add({{"src", b.in(0)}, {"weights", b.in(1)}});
    return;
  }
  const std::int64_t columns = weights.size() > 1 ? weights[1] : 1;
  b.draw(1, weights_of(weights[0], 1));
  b.add({{"src", b.in(0)}, {"weights", linear_weights(b, weights[0], columns, false, 1)}});
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
  return b.builder.constant(fmt::format("{}:beta c", b.node.name), b.builder.dims(given),
                            scaled(b.builder.numbers(given), beta));
}

/// alpha * A * B + beta * C, step by step.
void bind_gemm_of_products(const Binding& b) {
  const NodeView& n = b.view;
  const Sizes out = n.output_sizes();
  Steps steps(b);
  const bool turned = n.integer("transA", 0) != 0;
  const Value left = steps.in(0);
  const std::int64_t depth = left.dims.at(turned ? 0 : 1);
  Value y =
      steps.layer("matmul",
                  fmt::format("{}x{}:{}x{}{}{}", out[0], depth, depth, out[1], turned ? "_ta1" : "",
                              n.integer("transB", 0) != 0 ? "_tb1" : ""),
                  {{"src", left}, {"weights", steps.in(1)}}, out);
  const double alpha = n.real("alpha", 1);
  const double beta = n.real("beta", 1);
  y = alpha == 1 ? y : steps.two("mul", y, alpha);
  if (n.has(2) && beta != 0) {
    b.draw(2, near_zero);
    y = steps.two("add", y, beta == 1 ? steps.in(2) : steps.two("mul", steps.in(2), beta));
  }
  steps.finish(y);
}

void bind_gemm(const Binding& b) {
  const NodeView& n = b.view;
  if (!n.text("activation", "").empty()) {
    bad_input("its activation '{}' is not run", n.text("activation", ""));
  }
  const auto alpha = static_cast<float>(n.real("alpha", 1));
  const auto beta = static_cast<float>(n.real("beta", 1));
  const auto out = n.output_sizes();
  const auto w = n.sizes(1);
  const bool transposed_b = n.integer("transB", 0) != 0;
  const std::int64_t depth = transposed_b ? w.at(1) : w.at(0);
  b.draw(1, weights_of(depth, 1));
  const TensorId weights = b.in(1);
  if (!b.builder.is_constant(weights) || n.integer("transA", 0) != 0) {
    return bind_gemm_of_products(b);
  }
  const bool has_c = n.has(2) && beta != 0;
  const auto c = has_c ? n.sizes(2) : Sizes{};
  const bool bias =
      has_c && !c.empty() && c.back() == out[1] && product_of(c, 0, c.size()) == out[1];
  b.draw(2, near_zero);
  const std::string shape = fmt::format("mb{}ic{}oc{}bias{}", out[0], depth, out[1], bias ? 1 : 0);
  Operands operands{{"src", b.in(0)},
                    {"weights", linear_weights(b, depth, out[1], transposed_b, alpha)}};
  if (bias) {
    operands.emplace_back("bias", scaled_bias(b, 2, beta));
  }
  if (!has_c || bias) {
    b.add_last("linear", shape, operands);
    return;
  }
  const TensorId product = b.add_between("product", "linear", shape, operands);
  const LayerUse sum = binary_use("add", out, c);
  b.add_last("add", sum.text, {{"src0", product}, {"src1", scaled_bias(b, 2, beta)}});
}

void bind_source(const Binding& b) { b.add({{"src", b.in(0)}}); }

void bind_max_pool(const Binding& b) {
  if (b.view.wants(1)) {
    return bind_max_with_places(b);
  }
  bind_source(b);
}

/// Taps of each place of a window that are input or padding; of a last one that rounding up adds, others are neither.
Value taps_there(Steps& steps, const Window& w, const Sizes& in, const Sizes& out) {
  std::vector<float> shares{1};
  Sizes dims;
  for (std::size_t i = 0; i < w.rank(); ++i) {
    std::vector<float> longer;
    const std::int64_t end = in[i] + w.begin[i] + w.end[i];
    for (const float share : shares) {
      for (std::int64_t o = 0; o < out[i]; ++o) {
        std::int64_t there = 0;
        for (std::int64_t k = 0; k < w.kernel[i]; ++k) {
          there += o * w.strides[i] + k * w.dilations[i] < end ? 1 : 0;
        }
        longer.push_back(share * static_cast<float>(there) / static_cast<float>(w.kernel[i]));
      }
    }
    shares = std::move(longer);
    dims.push_back(out[i]);
  }
  return steps.constant(std::move(dims), std::move(shares));
}

/// The layer divides by all taps of a window where padding counts, ONNX by those that are input or padding.
void bind_average_pool(const Binding& b) {
  const Sizes x = b.view.sizes(0);
  const Sizes y = b.view.output_sizes();
  const Window w =
      read_window(b.view, {x.begin() + 2, x.end()}, b.view.integers_of("kernel_shape"));
  bool overhangs = false;
  for (std::size_t i = 0; i < w.rank(); ++i) {
    overhangs =
        overhangs || (y[i + 2] - 1) * w.strides[i] + w.extent(i) > x[i + 2] + w.begin[i] + w.end[i];
  }
  if (!overhangs || b.view.integer("count_include_pad", 0) == 0) {
    return bind_source(b);
  }
  Steps steps(b);
  const Value mean = steps.layer("avg_pool", shape_text(b.use()), {{"src", steps.in(0)}}, y);
  steps.finish(steps.two("div", mean,
                         taps_there(steps, w, {x.begin() + 2, x.end()}, {y.begin() + 2, y.end()})));
}

constexpr std::array dense_rows{
    Binder{"", "Conv", bind_conv},
    Binder{"", "MatMul", bind_matmul},
    Binder{microsoft, "FusedMatMul", bind_fused_matmul},
    Binder{"", "Gemm", bind_gemm},
    Binder{"", "MaxPool", bind_max_pool},
    Binder{"", "AveragePool", bind_average_pool},
    Binder{"", "GlobalAveragePool", bind_source},
    Binder{"", "GlobalMaxPool", bind_source},
    Binder{"", "ConvTranspose", bind_conv},
    Binder{microsoft, "FusedConv", bind_fused_conv},
    Binder{microsoft, "FusedGemm", bind_gemm},
};

}  // namespace

std::span<const Binder> dense_binders() { return dense_rows; }

}  // namespace flopmeter::onnx
