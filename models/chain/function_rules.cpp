// Primitives that are one function: norms and activations that exporters take apart.
#include <array>
#include <cmath>
#include <utility>

#include "models/chain/rules.h"

namespace flopmeter::models {
namespace {

bool near(double a, double b) { return std::abs(a - b) <= 1e-3 * std::abs(b); }

/// The step of that layer with a number, which makes the tensor.
std::optional<Draft::Scaled> made_with_number(const Draft& d, std::optional<std::size_t> step) {
  return step ? d.with_number(*step) : std::nullopt;
}

Node function_of_one(const Draft& d, std::size_t first, std::string_view layer, TensorId src,
                     TensorId dst) {
  Node node{.label = d.step(first).node.label,
            .path = d.step(first).node.path,
            .layer = &find_layer(layer)};
  node.shape = node.layer->parse(fmt::format("mb1ic{}", d.count(dst)));
  node.edges = {{"src", src}, {"dst", dst, true}};
  return node;
}

/// Whether a step whose operands have as many elements as x makes no more of them: then it repeats nothing, however its
/// operands were reshaped before.
bool is_element_wise(const Draft& d, std::size_t step, TensorId x) {
  return d.count(d.result(step)) == d.count(x);
}

/// At the erf: x / sqrt(2) before it, + 1, * x and * 1/2 behind it.
bool gelu(Draft& d, std::size_t erf) {
  if (!d.is(erf, {"erf"})) {
    return false;
  }
  const auto inner = d.writer(*d.operand(erf, "src"));
  const auto scaled = made_with_number(d, inner);
  const bool by_root = scaled && scaled->second &&
                       ((d.is(*inner, {"div"}) && near(scaled->number, std::sqrt(2.0))) ||
                        (d.is(*inner, {"mul"}) && near(scaled->number, std::sqrt(0.5))));
  const auto plus = d.reader(erf);
  const auto one = made_with_number(d, plus);
  if (!by_root || !one || !d.is(*plus, {"add"}) || one->number != 1) {
    return false;
  }
  const auto times = d.reader(*plus);
  const auto half = times ? d.reader(*times) : std::nullopt;
  const auto last = made_with_number(d, half);
  if (!last || !d.is(*times, {"mul"}) || !d.is(*half, {"mul"}) || last->number != 0.5 ||
      d.other(*times, d.result(*plus)) != scaled->tensor ||
      !is_element_wise(d, *times, scaled->tensor)) {
    return false;
  }
  return d.replace({*inner, erf, *plus, *times, *half},
                   function_of_one(d, *inner, "gelu_erf", scaled->tensor, d.result(*half)), "gelu");
}

/// x * gate(x), where nobody else reads the gate.
bool gated(Draft& d, std::size_t gate, std::string_view gate_layer, std::string_view layer) {
  if (!d.is(gate, {gate_layer})) {
    return false;
  }
  const auto times = d.reader(gate);
  const TensorId x = *d.operand(gate, "src");
  if (!times || !d.is(*times, {"mul"}) || d.other(*times, d.result(gate)) != x ||
      !is_element_wise(d, *times, x)) {
    return false;
  }
  return d.replace({gate, *times}, function_of_one(d, gate, layer, x, d.result(*times)), layer);
}

/// At the sigmoid: x * sigmoid(x).
bool silu(Draft& d, std::size_t sigmoid) { return gated(d, sigmoid, "sigmoid", "silu"); }

/// At the hard sigmoid: x * hardsigmoid(x).
bool hard_swish(Draft& d, std::size_t gate) { return gated(d, gate, "hardsigmoid", "hardswish"); }

/// Whether a step divides by a number, or multiplies by what it is the reciprocal of.
bool divides_by(const Draft& d, std::optional<std::size_t> step, double number) {
  const auto scaled = made_with_number(d, step);
  return scaled && ((d.is(*step, {"div"}) && scaled->second && near(scaled->number, number)) ||
                    (d.is(*step, {"mul"}) && near(scaled->number, 1 / number)));
}

/// At the clamp: x + 3 before it, bounds of 0 and 6, / 6 and * x behind it in either order.
bool clipped_hard_swish(Draft& d, std::size_t clamp) {
  if (!d.is(clamp, {"clamp"}) || d.number(*d.operand(clamp, "src1")) != 0 ||
      d.number(*d.operand(clamp, "src2")) != 6) {
    return false;
  }
  const auto plus = d.writer(*d.operand(clamp, "src0"), "add");
  const auto shifted = made_with_number(d, plus);
  const auto first = shifted && shifted->number == 3 ? d.reader(clamp) : std::nullopt;
  const auto second = first ? d.reader(*first) : std::nullopt;
  if (!second) {
    return false;
  }
  const auto times_x = [&](std::size_t step, std::size_t before) {
    return d.is(step, {"mul"}) && d.other(step, d.result(before)) == shifted->tensor &&
           is_element_wise(d, step, shifted->tensor);
  };
  const bool matches = (times_x(*first, clamp) && divides_by(d, second, 6)) ||
                       (divides_by(d, first, 6) && times_x(*second, *first));
  return matches &&
         d.replace({*plus, clamp, *first, *second},
                   function_of_one(d, *plus, "hardswish", shifted->tensor, d.result(*second)),
                   "clipped hardswish");
}

/// Rows of the last dimension, each of which is reduced to one number that stands in its place.
std::optional<std::int64_t> row_length(const Draft& d, std::size_t mean) {
  auto from = d.dims(mean, "src");
  if (from.empty() || from.back() == 0) {
    return std::nullopt;
  }
  const std::int64_t length = std::exchange(from.back(), 1);
  return from == d.dims(mean, "dst") ? std::optional(length) : std::nullopt;
}

/// Whether a step takes each row of `rows`, which are so long, with that row's number of `numbers`.
bool row_by_row(const Draft& d, std::size_t step, TensorId rows, TensorId numbers,
                std::int64_t length) {
  auto wide = d.dims_of(step, rows);
  if (wide.empty() || wide.back() != length) {
    return false;
  }
  wide.back() = 1;
  return wide == d.dims_of(step, numbers) && is_element_wise(d, step, rows);
}

/// The variance's steps, from the root backwards.
struct Moments {
  std::size_t mean, centred, squares, variance, safe;
  TensorId x;
  double epsilon;
};

std::optional<Moments> moments(const Draft& d, std::size_t root) {
  const auto safe = d.writer(*d.operand(root, "src"), "add");
  const auto epsilon = made_with_number(d, safe);
  const auto variance = epsilon ? d.writer(epsilon->tensor, "reduce_mean") : std::nullopt;
  const auto squares = variance ? d.writer(*d.operand(*variance, "src"), "mul") : std::nullopt;
  if (!squares || d.operand(*squares, "src0") != d.operand(*squares, "src1")) {
    return std::nullopt;
  }
  const auto centred = d.writer(*d.operand(*squares, "src0"), "sub");
  const auto mean = centred ? d.writer(*d.operand(*centred, "src1"), "reduce_mean") : std::nullopt;
  const auto length = mean ? row_length(d, *mean) : std::nullopt;
  if (!length || d.operand(*mean, "src") != d.operand(*centred, "src0") ||
      length != row_length(d, *variance) ||
      !row_by_row(d, *centred, *d.operand(*mean, "src"), d.result(*mean), *length)) {
    return std::nullopt;
  }
  return Moments{*mean,          *centred, *squares, *variance, *safe, *d.operand(*mean, "src"),
                 epsilon->number};
}

/// The constant of a row's length that a step combines its other operand with.
std::optional<TensorId> per_column(const Draft& d, std::size_t step, TensorId from,
                                   std::int64_t length) {
  const auto constant = d.other(step, from);
  if (!constant || !d.is_constant(*constant) || d.count(*constant) != length ||
      d.count(d.result(step)) != d.count(from)) {
    return std::nullopt;
  }
  const auto seen = d.dims_of(step, *constant);
  return !seen.empty() && seen.back() == length && d.dims_of(step, from).back() == length
             ? constant
             : std::nullopt;
}

/// At the root of a variance: (x - mean) / sqrt(variance + epsilon) * scale + shift, each row to itself.
bool layer_norm(Draft& d, std::size_t root) {
  if (!d.is(root, {"sqrt"})) {
    return false;
  }
  const auto m = moments(d, root);
  const auto quotient = d.reader(root);
  if (!m || !quotient || !d.is(*quotient, {"div"}) ||
      d.operand(*quotient, "src0") != d.result(m->centred)) {
    return false;
  }
  const std::int64_t length = *row_length(d, m->mean);
  if (!row_by_row(d, *quotient, d.result(m->centred), d.result(root), length)) {
    return false;
  }
  const auto times = d.reader(*quotient);
  const auto scale = times && d.is(*times, {"mul"})
                         ? per_column(d, *times, d.result(*quotient), length)
                         : std::nullopt;
  const auto plus = scale ? d.reader(*times) : std::nullopt;
  const auto shift =
      plus && d.is(*plus, {"add"}) ? per_column(d, *plus, d.result(*times), length) : std::nullopt;
  if (!shift) {
    return false;
  }
  const TensorId dst = d.result(*plus);
  Node node{.label = d.step(m->mean).node.label,
            .path = d.step(m->mean).node.path,
            .layer = &find_layer("layernorm")};
  node.shape = node.layer->parse(fmt::format("mb{}c{}", d.count(dst) / length, length));
  node.edges = {{"src", m->x}, {"scale", *scale}, {"shift", *shift}, {"dst", dst, true}};
  // Not done after the layer, but in place of its own 1e-5.
  node.after = {{.layer = "epsilon", .alpha = static_cast<float>(m->epsilon)}};
  return d.replace(
      {m->mean, m->centred, m->squares, m->variance, m->safe, root, *quotient, *times, *plus},
      std::move(node), "layer norm");
}

constexpr std::array function_table{
    Rule{"layer norm", "(x - mean) / sqrt(mean((x - mean)^2) + e) * scale + shift", "layernorm",
         "over the last dimension; e, scale and shift are constants", layer_norm},
    Rule{"gelu", "x / sqrt(2), erf, + 1, * x, * 1/2", "gelu_erf", "in that order", gelu},
    Rule{"silu", "x * sigmoid(x)", "silu", "the sigmoid is read by nobody else", silu},
    Rule{"hardswish", "x * hardsigmoid(x)", "hardswish", "the hard sigmoid is read by nobody else",
         hard_swish},
    Rule{"clipped hardswish", "x + 3, clamp from 0 to 6, * x, / 6", "hardswish",
         "the last two in either order", clipped_hard_swish},
};

}  // namespace

std::span<const Rule> function_rules() { return function_table; }

}  // namespace flopmeter::models
