// What is done to the result of a convolution or product goes into it.
#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/network/function_of.h"
#include "models/chain/rules.h"

namespace flopmeter::models {
namespace {

constexpr std::array<std::string_view, 3> convolutions{"conv1d", "conv2d", "conv3d"};
constexpr std::array<std::string_view, 5> dense{"conv1d", "conv2d", "conv3d", "linear", "matmul"};

/// What reads the step's result, where that is one step, of one of these layers, and has as many
/// elements.
std::optional<std::size_t> next(const Draft& d, std::size_t i,
                                std::initializer_list<std::string_view> layers) {
  const auto reader = d.reader(i);
  return reader && d.is(*reader, layers) && d.count(d.result(*reader)) == d.count(d.result(i))
             ? reader
             : std::nullopt;
}

/// The step with another result.
Node writing(const Draft& d, std::size_t i, TensorId result) {
  Node node = d.step(i).node;
  std::ranges::find(node.edges, true, &Edge::writes)->tensor = result;
  return node;
}

/// Both in one step, which does to its result what the follower did; false where it does so with other parameters.
bool append_after(Draft& d, std::size_t i, std::size_t follower, After after,
                  std::string_view rule) {
  Node node = writing(d, i, d.result(follower));
  const auto is_same = [&](const After& one) {
    return function_of(one.layer) == function_of(after.layer);
  };
  if (std::ranges::any_of(node.after, is_same)) {
    return false;
  }
  node.after.push_back(std::move(after));
  return d.replace({i, follower}, std::move(node), rule);
}

/// scale / sqrt(variance + 1e-5), as the layer has it.
std::vector<double> factors(const std::vector<float>& scale, const std::vector<float>& variance) {
  std::vector<double> all;
  for (std::size_t c = 0; c < scale.size(); ++c) {
    all.push_back(scale[c] / std::sqrt(static_cast<double>(variance[c]) + 1e-5));
  }
  return all;
}

bool fold_batch_norm(Draft& d, std::size_t i) {
  const auto norm = d.is(i, convolutions) ? next(d, i, {"batchnorm"}) : std::nullopt;
  if (!norm || !d.step(i).node.after.empty() || d.field(*norm, "train") != 0 ||
      d.field(*norm, "affine") != 1 || d.field(*norm, "mb") != d.field(i, "mb") ||
      d.field(*norm, "ic") != d.field(i, "oc") || !d.is_constant(*d.operand(i, "weights"))) {
    return false;
  }
  std::vector<Numbers> of_norm;
  for (const std::string_view name : {"scale", "shift", "mean", "variance"}) {
    if (!d.is_constant(*d.operand(*norm, name))) {
      return false;
    }
    of_norm.push_back(d.numbers(*d.operand(*norm, name)));
  }
  const TensorId weights = *d.operand(i, "weights");
  const auto bias = d.operand(i, "bias");
  if (bias && !d.is_constant(*bias)) {
    return false;
  }
  const auto channels = d.field(i, "oc");
  Numbers folded_weights = [w = d.numbers(weights), of_norm] {
    std::vector<float> all = w();
    const std::vector<double> factor = factors(of_norm[0](), of_norm[3]());
    const std::size_t each = all.size() / factor.size();
    for (std::size_t k = 0; k < all.size(); ++k) {
      all[k] = static_cast<float>(all[k] * factor[k / each]);
    }
    return all;
  };
  Numbers folded_bias = [b = bias ? d.numbers(*bias) : Numbers(), of_norm] {
    const std::vector<double> factor = factors(of_norm[0](), of_norm[3]());
    std::vector<float> all = of_norm[1]();
    const std::vector<float> mean = of_norm[2]();
    const std::vector<float> own = b ? b() : std::vector<float>(all.size(), 0);
    for (std::size_t c = 0; c < all.size(); ++c) {
      all[c] = static_cast<float>(all[c] + (own[c] - static_cast<double>(mean[c])) * factor[c]);
    }
    return all;
  };
  Node node = writing(d, i, d.result(*norm));
  const std::string label = node.label;
  node.shape = with_field(node, "bias", 1);
  std::erase_if(node.edges, [](const Edge& edge) {
    return edge.operand == "bias" || edge.operand == "weights";
  });
  node.edges.push_back({"weights", d.add_constant(label + ":folded weights", d.tensor(weights).dims,
                                                  folded_weights)});
  node.edges.push_back({"bias", d.add_constant(label + ":folded bias", {channels}, folded_bias)});
  return d.replace({i, *norm}, std::move(node), "batch norm");
}

/// Whether the constant that a sum adds to the step's result is one number a column, or a channel.
bool is_bias(const Draft& d, std::size_t i, TensorId constant, std::size_t sum) {
  const auto dims = d.dims_of(sum, constant);
  const auto result = d.dims_of(sum, d.result(i));
  const bool conv = d.is(i, convolutions);
  const std::int64_t each = d.field(i, conv || d.is(i, {"linear"}) ? "oc" : "n");
  if (d.count(constant) != each || dims.size() != result.size() || result.empty() ||
      (conv && result != d.result_dims(i))) {
    return false;
  }
  const std::size_t axis = conv ? 1 : result.size() - 1;
  return axis < dims.size() && dims[axis] == each && result[axis] == each;
}

bool add_bias(Draft& d, std::size_t i) {
  const auto sum = d.is(i, dense) ? next(d, i, {"add"}) : std::nullopt;
  if (!sum || d.operand(i, "bias") || !d.step(i).node.after.empty()) {
    return false;
  }
  const auto constant = d.other(*sum, d.result(i));
  if (!constant || !d.is_constant(*constant) || !is_bias(d, i, *constant, *sum)) {
    return false;
  }
  Node node = writing(d, i, d.result(*sum));
  node.shape = with_field(node, "bias", 1);
  node.edges.push_back({"bias", *constant});
  return d.replace({i, *sum}, std::move(node), "bias");
}

bool scale(Draft& d, std::size_t i) {
  const auto product = d.is(i, {"linear", "matmul"}) ? next(d, i, {"mul", "div"}) : std::nullopt;
  const auto number = product ? d.with_number(*product) : std::nullopt;
  if (!number || (!number->second && d.is(*product, {"div"}))) {
    return false;
  }
  const double factor = d.is(*product, {"div"}) ? 1 / number->number : number->number;
  return append_after(d, i, *product, {.layer = "scale", .alpha = static_cast<float>(factor)},
                      "scale");
}

/// Into the later one of two producers: the other's result is there by then.
bool add_sum(Draft& d, std::size_t i) {
  const auto sum = d.is(i, dense) ? next(d, i, {"add"}) : std::nullopt;
  if (!sum || !d.step(i).node.after.empty()) {
    return false;
  }
  const auto other = d.other(*sum, d.result(i));
  if (!other || *other == d.result(i) || d.is_constant(*other) ||
      d.count(*other) != d.count(d.result(i))) {
    return false;
  }
  const auto writer = d.writer(*other);
  if (writer && *writer > i) {
    return false;
  }
  Node node = writing(d, i, d.result(*sum));
  node.after.push_back({.layer = "add", .operand = "summand"});
  node.edges.push_back({"summand", *other});
  return d.replace({i, *sum}, std::move(node), "sum");
}

bool activation(Draft& d, std::size_t i) {
  const auto function = d.is(i, dense)
                            ? next(d, i,
                                   {"relu", "relu6", "hardtanh", "leaky_relu", "elu", "gelu_erf",
                                    "gelu_tanh", "silu", "sigmoid", "hardswish", "tanh"})
                            : std::nullopt;
  return function &&
         append_after(d, i, *function, {.layer = d.step(*function).node.layer->name}, "activation");
}

bool clamp(Draft& d, std::size_t i) {
  const auto function = d.is(i, dense) ? next(d, i, {"clamp"}) : std::nullopt;
  if (!function || d.operand(*function, "src0") != d.result(i)) {
    return false;
  }
  const auto low = d.number(*d.operand(*function, "src1"));
  const auto high = d.number(*d.operand(*function, "src2"));
  return low && high && *low <= *high &&
         append_after(d, i, *function,
                      {.layer = "clip",
                       .alpha = static_cast<float>(*low),
                       .beta = static_cast<float>(*high)},
                      "clip");
}

constexpr std::array result_table{
    Rule{"batch norm", "convolution, batchnorm", "the convolution with other weights and a bias",
         "weights and statistics are constants", fold_batch_norm},
    Rule{"bias", "convolution, linear or matmul, + constant", "the layer with a bias",
         "it has none; one number a channel or column, no reshape between", add_bias},
    Rule{"scale", "linear or matmul, * or / constant", "a factor of the result",
         "one number, the first factor", scale},
    Rule{"sum", "convolution, linear or matmul, + tensor", "a sum with what lies there",
         "as many elements; the other tensor is made before; nothing else is done before", add_sum},
    Rule{"activation", "convolution, linear or matmul, an activation", "done to the result",
         "oneDNN has it with the layer's constants; none of its kind is done before", activation},
    Rule{"clip", "convolution, linear or matmul, clamp", "done to the result",
         "both bounds are constants, the lower one first; nothing is cut off before", clamp},
};

}  // namespace

std::span<const Rule> result_rules() { return result_table; }

}  // namespace flopmeter::models
