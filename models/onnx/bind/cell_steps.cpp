#include "models/onnx/bind/cell_steps.h"

#include <fmt/format.h>

#include <utility>

namespace flopmeter::onnx {
namespace {

const std::vector<std::string>& usual_activations(std::string_view op) {
  static const std::vector<std::string> lstm{"sigmoid", "tanh", "tanh"};
  static const std::vector<std::string> gru{"sigmoid", "tanh"};
  static const std::vector<std::string> rnn{"tanh"};
  return op == "LSTM" ? lstm : op == "GRU" ? gru : rnn;
}

}  // namespace

Value linear_of(Steps& steps, const Value& x, const Value& weights,
                const std::optional<Value>& bias) {
  std::vector<std::pair<std::string, Value>> operands{{"src", x}, {"weights", weights}};
  if (bias) {
    operands.emplace_back("bias", *bias);
  }
  const std::int64_t in = weights.dims[1];
  const std::int64_t out = weights.dims[0];
  const std::int64_t rows = x.count() / in;
  return steps.layer("linear", fmt::format("mb{}ic{}oc{}bias{}", rows, in, out, bias ? 1 : 0),
                     operands, {rows, out});
}

CellSteps::CellSteps(Steps& steps, const NodeView& node, std::int64_t hidden,
                     std::int64_t directions)
    : steps_(steps),
      op_(node.proto.op),
      gates_(op_ == "LSTM"  ? 4
             : op_ == "GRU" ? 3
                            : 1),
      hidden_(hidden),
      reset_after_(node.integer("linear_before_reset", 0) == 1),
      coupled_(node.integer("input_forget", 0) == 1),
      clip_(node.real("clip", 0)),
      functions_(usual_activations(op_).size()),
      activations_(
          cell_activations(node, usual_activations(op_), static_cast<std::size_t>(directions))) {}

void CellSteps::begin(std::int64_t direction, std::int64_t samples, CellWeights weights) {
  samples_ = samples;
  weights_ = std::move(weights);
  first_function_ = static_cast<std::size_t>(direction) * functions_;
}

CellState CellSteps::step(const Value& sums, std::int64_t row, const CellState& before) {
  return op_ == "LSTM"  ? lstm(sums, row, before)
         : op_ == "GRU" ? gru(sums, row, before)
                        : rnn(sums, row, before);
}

Value CellSteps::part(const Value& x, std::int64_t row, std::int64_t gate, std::int64_t count) {
  return steps_.slice(x, {samples_, count * hidden_}, {row, gate * hidden_}, {1, 1});
}

/// Function `i` of the direction.
Value CellSteps::function(std::size_t i, const Value& x) {
  return activated(steps_, x, activations_[first_function_ + i]);
}

/// The same of a sum, which is clipped first.
Value CellSteps::gate(std::size_t i, const Value& sum) {
  return function(i, clip_ > 0 ? steps_.two("min", steps_.two("max", sum, -clip_), clip_) : sum);
}

/// Gates in the order of the peepholes.
Value CellSteps::peeped(const Value& sum, const Value& c, std::size_t gate) {
  return weights_->peepholes.empty()
             ? sum
             : steps_.two("add", sum, steps_.two("mul", c, weights_->peepholes[gate]));
}

/// h' = f(x W + h R + b)
CellState CellSteps::rnn(const Value& sums, std::int64_t row, const CellState& before) {
  const Value of_state = linear_of(steps_, before.h, weights_->of_state[0], {});
  return {gate(0, steps_.two("add", part(sums, row, 0), of_state))};
}

/// z = f(x Wz + h Rz + b), r likewise; n = g(x Wh + (r h) Rh + b), or g(x Wh + r (h Rh + b2) + b1) where the reset
/// comes after the product; h' = n + z (h - n). Gates stand in the order z, r, h.
CellState CellSteps::gru(const Value& sums, std::int64_t row, const CellState& before) {
  const Value& h = before.h;
  const Value of_both = linear_of(steps_, h, weights_->of_state[0], {});
  const Value both = gate(0, steps_.two("add", part(sums, row, 0, 2), of_both));
  const Value z = part(both, 0, 0);
  const Value r = part(both, 0, 1);
  const Value& of_new = weights_->of_state[1];
  const Value reset =
      reset_after_ ? steps_.two("mul", r, linear_of(steps_, h, of_new, weights_->of_state_bias))
                   : linear_of(steps_, steps_.two("mul", r, h), of_new, {});
  const Value n = gate(1, steps_.two("add", part(sums, row, 2), reset));
  return {steps_.two("add", n, steps_.two("mul", z, steps_.two("sub", h, n)))};
}

/// i = f(. + Pi c), f = f(. + Pf c) or 1 - i, g = g(.), c' = f c + i g, o = f(. + Po c'), h' = o h(c'); sums in the
/// order i, o, f, g, peepholes i, o, f. "Applied to the input of activations", says ONNX of the clip; as ONNX Runtime
/// does, sums are clipped, and the state below h is not.
CellState CellSteps::lstm(const Value& sums, std::int64_t row, const CellState& before) {
  const Value all = steps_.two("add", part(sums, row, 0, 4),
                               linear_of(steps_, before.h, weights_->of_state[0], {}));
  const Value& c = *before.c;
  const Value i = gate(0, peeped(part(all, 0, 0), c, 0));
  const Value f = coupled_ ? steps_.two("add", steps_.one("neg", i), 1)
                           : gate(0, peeped(part(all, 0, 2), c, 2));
  const Value g = gate(1, part(all, 0, 3));
  const Value next = steps_.two("add", steps_.two("mul", f, c), steps_.two("mul", i, g));
  const Value o = gate(0, peeped(part(all, 0, 1), next, 1));
  return {steps_.two("mul", o, function(2, next)), next};
}

}  // namespace flopmeter::onnx
