// GRU that resets the state before its product, ONNX's default, which no layer does: cell by cell.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/onnx/bind_lengths.h"

namespace flopmeter::onnx {
namespace {

/// z = sigma(x Wz + h Rz + b), r likewise, n = tanh(x Wh + (r h) Rh + b), h' = n + z (h - n).
class ResetState {
 public:
  explicit ResetState(const Binding& b)
      : b_(b),
        steps_(b),
        directions_(b.view.sizes(1).at(0)),
        features_(b.view.sizes(1).at(2)),
        hidden_(b.view.sizes(2).at(2)),
        batch_first_(b.view.integer("layout", 0) == 1) {}

  void bind() {
    b_.use();
    const double bound = 1 / std::sqrt(static_cast<double>(hidden_));
    for (const std::size_t input : {1, 2, 3}) {
      b_.draw(input, {-bound, bound});
    }
    b_.draw(5, {-0.5, 0.5});
    Value x = steps_.in(0);
    x = batch_first_ ? steps_.transpose(x, {1, 0, 2}) : x;
    const std::int64_t times = x.dims[0];
    const std::vector<Group> groups = groups_of(b_, times, x.dims[1]);
    std::vector<Value> sequences;
    std::vector<Value> states;
    for (const Group& group : groups) {
      run_group(x, group, sequences, states);
      sequences.back() = padded_to(steps_, sequences.back(), times);
    }
    finish(in_order(steps_, groups, sequences, 2), in_order(steps_, groups, states, 1));
  }

 private:
  /// Rows of gates from `first` on, of one direction.
  Value rows(std::size_t input, std::int64_t direction, std::int64_t first, std::int64_t count,
             std::int64_t columns) {
    const Value given = steps_.in(input);
    const Value taken = steps_.slice(given, {1, count, columns}, {direction, first, 0}, {1, 1, 1});
    return Steps::view(taken, {count, columns});
  }

  /// Both biases of the gates, added up: none is reset.
  Value biases(std::int64_t direction) {
    const Value given = steps_.in(3);
    const Sizes dims{1, 3 * hidden_};
    const Value sum = steps_.two("add", steps_.slice(given, dims, {direction, 0}, {1, 1}),
                                 steps_.slice(given, dims, {direction, 3 * hidden_}, {1, 1}));
    return Steps::view(sum, {3 * hidden_});
  }

  Value linear(const Value& x, const Value& weights, std::int64_t samples, std::int64_t in,
               std::int64_t out, const Value* bias) {
    std::vector<std::pair<std::string, Value>> operands{{"src", x}, {"weights", weights}};
    if (bias != nullptr) {
      operands.emplace_back("bias", *bias);
    }
    return steps_.layer(
        "linear", fmt::format("mb{}ic{}oc{}bias{}", samples, in, out, bias != nullptr ? 1 : 0),
        operands, {samples, out});
  }

  Value part(const Value& x, std::int64_t row, std::int64_t column, std::int64_t columns) {
    return steps_.slice(x, {samples_, columns}, {row, column}, {1, 1});
  }

  Value first_state(std::int64_t direction, const Group& group) {
    const Sizes dims{samples_, hidden_};
    if (!b_.view.has(5)) {
      return steps_.constant(dims,
                             std::vector<float>(static_cast<std::size_t>(samples_ * hidden_), 0));
    }
    Value given = steps_.in(5);
    given = batch_first_ ? steps_.transpose(given, {1, 0, 2}) : given;
    given = of_group(steps_, given, 1, group);
    return Steps::view(steps_.slice(given, {1, samples_, hidden_}, {direction, 0, 0}, {1, 1, 1}),
                       dims);
  }

  /// Steps, directions, samples, features; and directions, samples, features.
  void run_group(const Value& all, const Group& group, std::vector<Value>& sequences,
                 std::vector<Value>& states) {
    const Value x = of_group(steps_, all, 1, group);
    times_ = group.length;
    samples_ = x.dims[1];
    const bool backwards = b_.view.text("direction", "forward") == "reverse";
    std::vector<Value> of_directions;
    std::vector<Value> last;
    for (std::int64_t d = 0; d < directions_; ++d) {
      run_direction(x, d, backwards || d == 1, group, of_directions, last);
    }
    sequences.push_back(joined(of_directions, 1));
    states.push_back(joined(last, 0));
  }

  /// What the inputs of all steps add to the gates is one product.
  void run_direction(const Value& given, std::int64_t direction, bool backwards, const Group& group,
                     std::vector<Value>& sequences, std::vector<Value>& states) {
    const Sizes dims{times_, samples_, features_};
    const Value x =
        times_ == given.dims[0] ? given : steps_.slice(given, dims, {0, 0, 0}, {1, 1, 1});
    const std::int64_t gates = 3 * hidden_;
    const Value of_inputs = rows(1, direction, 0, gates, features_);
    const Value of_both = rows(2, direction, 0, 2 * hidden_, hidden_);
    const Value of_new = rows(2, direction, 2 * hidden_, hidden_, hidden_);
    std::optional<Value> bias;
    if (b_.view.has(3)) {
      bias = biases(direction);
    }
    const Value inputs =
        linear(x, of_inputs, times_ * samples_, features_, gates, bias ? &*bias : nullptr);
    Value h = first_state(direction, group);
    std::vector<Value> all(static_cast<std::size_t>(times_), h);
    for (std::int64_t i = 0; i < times_; ++i) {
      const std::int64_t t = backwards ? times_ - 1 - i : i;
      h = cell(inputs, t * samples_, h, of_both, of_new);
      all[static_cast<std::size_t>(t)] = h;
    }
    states.push_back(Steps::view(h, {1, samples_, hidden_}));
    sequences.push_back(Steps::view(joined(all, 0), {times_, 1, samples_, hidden_}));
  }

  Value cell(const Value& inputs, std::int64_t row, const Value& h, const Value& of_both,
             const Value& of_new) {
    const Value both = steps_.one(
        "sigmoid", steps_.two("add", part(inputs, row, 0, 2 * hidden_),
                              linear(h, of_both, samples_, hidden_, 2 * hidden_, nullptr)));
    const Value z = part(both, 0, 0, hidden_);
    const Value r = part(both, 0, hidden_, hidden_);
    const Value n = steps_.one("tanh", steps_.two("add", part(inputs, row, 2 * hidden_, hidden_),
                                                  linear(steps_.two("mul", r, h), of_new, samples_,
                                                         hidden_, hidden_, nullptr)));
    return steps_.two("add", n, steps_.two("mul", z, steps_.two("sub", h, n)));
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

  void finish(const Value& y, const Value& last) {
    if (b_.view.wants(0)) {
      steps_.finish(batch_first_ ? steps_.transpose(y, {2, 0, 1, 3}) : y, 0);
    }
    if (b_.node.outputs.size() > 1 && b_.view.wants(1)) {
      steps_.finish(batch_first_ ? steps_.transpose(last, {1, 0, 2}) : last, 1);
    }
  }

  const Binding& b_;
  Steps steps_;
  std::int64_t directions_, features_, hidden_, times_ = 0, samples_ = 0;
  bool batch_first_;
};

/// Layers reset the product, as PyTorch does.
void bind_gru(const Binding& b) {
  if (b.view.integer("linear_before_reset", 0) == 0) {
    ResetState(b).bind();
  } else {
    bind_recurrent(b);
  }
}

constexpr std::array gru_rows{Binder{"", "GRU", bind_gru}};

}  // namespace

std::span<const Binder> gru_binders() { return gru_rows; }

}  // namespace flopmeter::onnx
