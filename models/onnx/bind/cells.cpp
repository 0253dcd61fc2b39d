// Recurrent nodes that no layer is, cell by cell: a GRU that resets the state before its product (ONNX's default),
// peepholes, a coupled forget gate, other activations, clipped sums, weights that the network computes.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/onnx/bind/cell_steps.h"
#include "models/onnx/bind/lengths.h"

namespace flopmeter::onnx {
namespace {

class CellByCell {
 public:
  explicit CellByCell(const Binding& b)
      : b_(b),
        steps_(b),
        directions_(b.view.sizes(1).at(0)),
        hidden_(b.view.sizes(2).at(2)),
        batch_first_(b.view.integer("layout", 0) == 1),
        is_lstm_(b.node.proto->op == "LSTM"),
        cell_(steps_, b.view, hidden_, directions_) {}

  void bind() {
    const double bound = 1 / std::sqrt(static_cast<double>(hidden_));
    for (const std::size_t input : {1, 2, 3, 7}) {
      b_.draw(input, {-bound, bound});
    }
    b_.draw(5, {-0.5, 0.5});
    b_.draw(6, {-0.5, 0.5});
    Value x = steps_.in(0);
    x = batch_first_ ? steps_.transpose(x, {1, 0, 2}) : x;
    const std::int64_t times = x.dims[0];
    const std::vector<Group> groups = groups_of(b_, times, x.dims[1]);
    Found found;
    for (const Group& group : groups) {
      run_group(x, group, found);
      found.sequences.back() = padded_to(steps_, found.sequences.back(), times);
    }
    finish(in_order(steps_, groups, found.sequences, 2), 0, {2, 0, 1, 3});
    finish(in_order(steps_, groups, found.h, 1), 1, {1, 0, 2});
    if (is_lstm_) {
      finish(in_order(steps_, groups, found.c, 1), 2, {1, 0, 2});
    }
  }

 private:
  /// Steps, directions, samples, features; and of each state directions, samples, features.
  struct Found {
    std::vector<Value> sequences = {}, h = {}, c = {};
  };

  /// Rows of the node's weights from `first` on, of one direction.
  Value rows(std::size_t input, std::int64_t direction, std::int64_t first, std::int64_t count) {
    const Value given = steps_.in(input);
    const Value taken =
        steps_.slice(given, {1, count, given.dims[2]}, {direction, first, 0}, {1, 1, 1});
    return Steps::view(taken, {count, given.dims[2]});
  }
  /// Numbers of a vector of each direction.
  Value numbers(std::size_t input, std::int64_t direction, std::int64_t first, std::int64_t count) {
    const Value given = steps_.in(input);
    return Steps::view(steps_.slice(given, {1, count}, {direction, first}, {1, 1}), {count});
  }

  /// Both biases of a gate are one, but where the reset multiplies the second.
  void take_biases(std::int64_t direction, CellWeights& weights) {
    const std::int64_t gates = cell_.gates() * hidden_;
    const std::int64_t shared = cell_.reset_after() ? 2 * hidden_ : gates;
    Value sum =
        steps_.two("add", numbers(3, direction, 0, shared), numbers(3, direction, gates, shared));
    if (shared < gates) {
      sum = steps_.concat(sum, numbers(3, direction, shared, hidden_), 0);
      weights.of_state_bias = numbers(3, direction, gates + shared, hidden_);
    }
    weights.bias = sum;
  }

  /// Made once: all steps read the same.
  CellWeights weights_of(std::int64_t direction) {
    const std::int64_t gates = cell_.gates() * hidden_;
    const std::int64_t together = b_.node.proto->op == "GRU" ? 2 * hidden_ : gates;
    CellWeights weights{rows(1, direction, 0, gates), {rows(2, direction, 0, together)}};
    if (together < gates) {
      weights.of_state.push_back(rows(2, direction, together, gates - together));
    }
    if (b_.view.has(3)) {
      take_biases(direction, weights);
    }
    for (std::int64_t i = 0; i < 3 && is_lstm_ && b_.view.has(7); ++i) {
      weights.peepholes.push_back(numbers(7, direction, i * hidden_, hidden_));
    }
    return weights;
  }

  /// 0 where none is given.
  Value first_state(std::size_t input, std::int64_t direction, const Group& group) {
    const Sizes dims{samples_, hidden_};
    if (!b_.view.has(input)) {
      return steps_.constant(dims,
                             std::vector<float>(static_cast<std::size_t>(samples_ * hidden_), 0));
    }
    Value given = steps_.in(input);
    given = batch_first_ ? steps_.transpose(given, {1, 0, 2}) : given;
    given = of_group(steps_, given, 1, group);
    return Steps::view(steps_.slice(given, {1, samples_, hidden_}, {direction, 0, 0}, {1, 1, 1}),
                       dims);
  }

  void run_group(const Value& all, const Group& group, Found& found) {
    Value x = of_group(steps_, all, 1, group);
    times_ = group.length;
    samples_ = x.dims[1];
    x = times_ == x.dims[0] ? x
                            : steps_.slice(x, {times_, samples_, x.dims[2]}, {0, 0, 0}, {1, 1, 1});
    Found mine;
    for (std::int64_t d = 0; d < directions_; ++d) {
      run_direction(x, d, group, mine);
    }
    found.sequences.push_back(joined(mine.sequences, 1));
    found.h.push_back(joined(mine.h, 0));
    if (is_lstm_) {
      found.c.push_back(joined(mine.c, 0));
    }
  }

  /// What the inputs of all steps add to the gates is one product.
  void run_direction(const Value& x, std::int64_t direction, const Group& group, Found& found) {
    const bool backwards = b_.view.text("direction", "forward") == "reverse" || direction == 1;
    cell_.begin(direction, samples_, weights_of(direction));
    const Value sums = linear_of(steps_, x, cell_.weights().of_inputs, cell_.weights().bias);
    CellState state{first_state(5, direction, group)};
    if (is_lstm_) {
      state.c = first_state(6, direction, group);
    }
    std::vector<Value> all(static_cast<std::size_t>(times_), state.h);
    for (std::int64_t i = 0; i < times_; ++i) {
      const std::int64_t t = backwards ? times_ - 1 - i : i;
      state = cell_.step(sums, t * samples_, state);
      all[static_cast<std::size_t>(t)] = state.h;
    }
    const Sizes of_state{1, samples_, hidden_};
    found.h.push_back(Steps::view(state.h, of_state));
    if (state.c) {
      found.c.push_back(Steps::view(*state.c, of_state));
    }
    found.sequences.push_back(Steps::view(joined(all, 0), {times_, 1, samples_, hidden_}));
  }

  /// In pairs, so that none is copied more often than the logarithm of how many there are.
  Value joined(std::vector<Value> parts, std::size_t axis) {
    while (parts.size() > 1) {
      std::vector<Value> pairs;
      for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
        pairs.push_back(steps_.concat(parts[i], parts[i + 1], axis));
      }
      if (parts.size() % 2 == 1) {
        pairs.push_back(parts.back());
      }
      parts = std::move(pairs);
    }
    return parts.front();
  }

  void finish(const Value& y, std::size_t output, const std::vector<std::size_t>& turned) {
    if (b_.node.outputs.size() > output && b_.view.wants(output)) {
      steps_.finish(batch_first_ ? steps_.transpose(y, turned) : y, output);
    }
  }

  const Binding& b_;
  Steps steps_;
  std::int64_t directions_, hidden_, times_ = 0, samples_ = 0;
  bool batch_first_, is_lstm_;
  CellSteps cell_;
};

/// Layers reset the product of a GRU, as PyTorch does, and have constant weights.
bool is_layer(const Binding& b) {
  const bool resets_before =
      b.node.proto->op == "GRU" && b.view.integer("linear_before_reset", 0) == 0;
  const auto constant = [&](std::size_t input) {
    return !b.view.has(input) || b.builder.is_constant(b.in(input));
  };
  return !resets_before && b.lowered.reason.empty() && constant(1) && constant(2) && constant(3);
}

/// What is counted as something else may run; an attribute that nobody knows may mean anything.
void require_known_attributes(const Binding& b) {
  constexpr std::array<std::string_view, 10> known{
      "activations",         "activation_alpha", "activation_beta", "clip",
      "direction",           "hidden_size",      "input_forget",    "layout",
      "linear_before_reset", "output_sequence"};
  for (const AttributeProto& attribute : b.node.proto->attributes) {
    if (std::ranges::find(known, attribute.name) == known.end()) {
      bad_input("its attribute '{}' is not known", attribute.name);
    }
  }
}

void bind_recurrent_node(const Binding& b) {
  require_known_attributes(b);
  if (is_layer(b)) {
    bind_recurrent(b);
  } else {
    CellByCell(b).bind();
  }
}

constexpr std::array cell_rows{Binder{"", "LSTM", bind_recurrent_node},
                               Binder{"", "GRU", bind_recurrent_node},
                               Binder{"", "RNN", bind_recurrent_node}};

}  // namespace

std::span<const Binder> recurrent_binders() { return cell_rows; }

}  // namespace flopmeter::onnx
