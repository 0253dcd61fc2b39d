// One step of a recurrent node, in layers that there are.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "models/onnx/bind/cell_activations.h"
#include "models/onnx/bind/steps.h"

namespace flopmeter::onnx {

/// What a step goes on with; c is the LSTM's.
struct CellState {
  Value h;
  std::optional<Value> c = {};
};

/// The weights of one direction.
struct CellWeights {
  Value of_inputs;
  std::vector<Value> of_state;              // of a GRU's last gate apart
  std::optional<Value> bias = {};           // of the inputs' product
  std::optional<Value> of_state_bias = {};  // of the state's, where the reset multiplies it
  std::vector<Value> peepholes = {};        // of the input, output and forget gate
};

/// x W^T + b in two dimensions: rows of x as many as there are.
Value linear_of(Steps& steps, const Value& x, const Value& weights,
                const std::optional<Value>& bias);

/// LSTM, GRU or RNN with the node's own attributes.
class CellSteps {
 public:
  /// Throws BadInput for activations that ONNX does not have.
  CellSteps(Steps& steps, const NodeView& node, std::int64_t hidden, std::int64_t directions);

  std::int64_t gates() const { return gates_; }
  bool reset_after() const { return op_ == "GRU" && reset_after_; }
  void begin(std::int64_t direction, std::int64_t samples, CellWeights weights);
  const CellWeights& weights() const { return *weights_; }
  /// `row`: of `sums`, what the inputs of all steps add to the gates, the step's first.
  CellState step(const Value& sums, std::int64_t row, const CellState& before);

 private:
  Value part(const Value& x, std::int64_t row, std::int64_t gate, std::int64_t count = 1);
  Value function(std::size_t i, const Value& x);
  Value gate(std::size_t i, const Value& sum);
  Value peeped(const Value& sum, const Value& c, std::size_t gate);
  CellState rnn(const Value& sums, std::int64_t row, const CellState& before);
  CellState gru(const Value& sums, std::int64_t row, const CellState& before);
  CellState lstm(const Value& sums, std::int64_t row, const CellState& before);

  Steps& steps_;
  std::string_view op_;
  std::int64_t gates_, hidden_, samples_ = 0;
  bool reset_after_, coupled_;
  double clip_;
  std::size_t functions_;  // of a direction
  std::vector<CellActivation> activations_;
  std::optional<CellWeights> weights_ = {};
  std::size_t first_function_ = 0;
};

}  // namespace flopmeter::onnx
