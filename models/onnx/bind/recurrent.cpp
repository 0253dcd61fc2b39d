// LSTM, GRU and RNN of a graph as layers. Gates of layers stand in another order than ONNX's, and
// layers have the results of both directions side by side where ONNX has them apart.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/onnx/bind/lengths.h"
#include "models/onnx/ops/broadcast.h"

namespace flopmeter::onnx {
namespace {

/// ONNX's gate for each gate of the layer.
struct Gates {
  std::string_view op;
  std::vector<std::size_t> of_onnx;
};

const std::array gate_orders{
    Gates{"LSTM", {0, 2, 3, 1}},  // i, o, f, c there; i, f, c, o here
    Gates{"GRU", {1, 0, 2}},      // z, r, h there; r, z, n here
    Gates{"RNN", {0}},
};

/// Blocks of gates in the layer's order.
Numbers in_layers_order(Numbers numbers, std::size_t blocks, std::vector<std::size_t> order) {
  return [numbers = std::move(numbers), blocks, order = std::move(order)] {
    const std::vector<float> from = numbers();
    std::vector<float> to(from.size());
    const std::size_t gate = from.size() / blocks / order.size();
    for (std::size_t block = 0; block < blocks; ++block) {
      for (std::size_t g = 0; g < order.size(); ++g) {
        const auto at = [&](std::size_t place) {
          return static_cast<std::ptrdiff_t>((block * order.size() + place) * gate);
        };
        std::copy_n(from.begin() + at(order[g]), gate, to.begin() + at(g));
      }
    }
    return to;
  };
}

/// What all steps and the last ones of some samples come to: steps, samples, directions, features; directions,
/// samples, features.
struct Found {
  Value all;
  std::vector<Value> states = {};
};

class Recurrent {
 public:
  explicit Recurrent(const Binding& b)
      : b_(b),
        steps_(b),
        gates_(std::ranges::find(gate_orders, b.node.proto->op, &Gates::op)->of_onnx),
        directions_(b.view.sizes(1).at(0)),
        hidden_(b.view.sizes(2).at(2)),
        batch_first_(b.view.integer("layout", 0) == 1),
        reverse_(b.view.text("direction", "forward") == "reverse") {}

  void bind() {
    b_.use();
    Value x = steps_.in(0);
    x = batch_first_ ? steps_.transpose(x, {1, 0, 2}) : x;
    times_ = x.dims[0];
    samples_ = x.dims[1];
    features_ = x.dims[2];
    states_ = lstm() ? 2 : 1;
    take_weights();
    const std::vector<Group> groups = groups_of(b_, times_, samples_);
    if (groups.size() == 1 && groups.front().length == times_ && !batch_first_ && !reverse_ &&
        directions_ == 1) {
      add_cells(x, first_states(), "cells", true);
      return;
    }
    std::vector<Found> found;
    for (const Group& group : groups) {
      found.push_back(run(
          x, group, groups.size() == 1 ? "cells" : fmt::format("cells of {} steps", group.length)));
    }
    finish(groups, found);
  }

 private:
  bool lstm() const { return b_.node.proto->op == "LSTM"; }

  /// Backwards alone is forwards on what is turned round.
  Value turned(const Value& x) {
    return reverse_ ? steps_.layer("flip",
                                   shape_text(x.dims) + ":1" +
                                       (x.dims.size() == 3 ? std::string("x0x0") : "x0x0x0"),
                                   {{"src", x}}, x.dims)
                    : x;
  }

  TensorId reordered(std::size_t input, std::string_view name, std::size_t blocks) {
    const TensorId given = b_.in(input);
    return b_.builder.constant(fmt::format("{}:{}", b_.node.name, name), b_.builder.dims(given),
                               in_layers_order(b_.builder.numbers(given), blocks, gates_));
  }

  void take_weights() {
    const double bound = 1 / std::sqrt(static_cast<double>(hidden_));
    for (const std::size_t input : {1, 2, 3}) {
      b_.draw(input, {-bound, bound});
    }
    const auto runs = static_cast<std::size_t>(directions_);
    weights_ = {{"weights_layer", reordered(1, "W", runs)},
                {"weights_iter", reordered(2, "R", runs)}};
    if (b_.view.has(3)) {
      weights_.emplace_back("bias", reordered(3, "B", 2 * runs));
    }
  }

  /// The state before the first step, 0 where none is given.
  Value state(std::size_t input) {
    const Sizes dims{directions_, samples_, hidden_};
    if (!b_.view.has(input)) {
      const auto count = static_cast<std::size_t>(product_of(dims, 0, dims.size()));
      return steps_.constant(dims, std::vector<float>(count, 0));
    }
    b_.draw(input, {-0.5, 0.5});
    const Value given = steps_.in(input);
    return batch_first_ ? steps_.transpose(given, {1, 0, 2}) : given;
  }

  std::vector<Value> first_states() {
    std::vector<Value> all;
    for (std::size_t i = 0; i < states_; ++i) {
      all.push_back(state(5 + i));
    }
    return all;
  }

  /// The layer has all results, whether the node wants them or not; those of the node where `last`.
  Found add_cells(const Value& x, const std::vector<Value>& first, const std::string& label,
                  bool last) {
    Operands all{{"src", steps_.id(x)}, {"src_iter", steps_.id(first[0])}};
    all.insert(all.end(), weights_.begin(), weights_.end());
    if (lstm()) {
      all.emplace_back("src_iter_c", steps_.id(first[1]));
    }
    const auto output = [&](std::size_t i) {
      return last && b_.view.wants(i) ? b_.node.outputs.at(i) : nobody;
    };
    Results results{{"dst", output(0)}, {"dst_iter", output(1)}};
    if (lstm()) {
      results.emplace_back("dst_iter_c", output(2));
    }
    const std::string shape = fmt::format("l1t{}mb{}slc{}dhc{}dir{}bias{}", x.dims[0], x.dims[1],
                                          features_, hidden_, directions_, b_.view.has(3) ? 1 : 0);
    const std::vector<TensorId> made =
        b_.builder.add_all(b_.node, label, b_.view.row->layer, shape, all, results);
    Found found{steps_.given(made[0], {x.dims[0], x.dims[1], directions_, hidden_})};
    for (std::size_t i = 1; i <= states_; ++i) {
      found.states.push_back(steps_.given(made[i], {directions_, x.dims[1], hidden_}));
    }
    return found;
  }

  /// Some samples over their own length.
  Found run(const Value& x, const Group& group, const std::string& label) {
    Value mine = of_group(steps_, x, 1, group);
    if (group.length < times_) {
      Sizes dims = mine.dims;
      dims[0] = group.length;
      mine = steps_.slice(mine, dims, {0, 0, 0}, {1, 1, 1});
    }
    std::vector<Value> first = first_states();
    for (Value& one : first) {
      one = of_group(steps_, one, 1, group);
    }
    Found found = add_cells(turned(mine), first, label, false);
    if (b_.view.wants(0)) {
      found.all = padded_to(steps_, turned(found.all), times_);
    }
    return found;
  }

  /// Steps, directions, samples, features; or samples, steps, directions, features.
  void finish(const std::vector<Group>& groups, const std::vector<Found>& found) {
    const auto parts = [&](const auto& of) {
      std::vector<Value> all;
      std::ranges::transform(found, std::back_inserter(all), of);
      return all;
    };
    if (b_.view.wants(0)) {
      const Value y = in_order(steps_, groups, parts([](const Found& one) { return one.all; }), 1);
      steps_.finish(batch_first_ ? steps_.transpose(y, {1, 0, 2, 3})
                                 : steps_.transpose(y, {0, 2, 1, 3}));
    }
    for (std::size_t i = 1; i < b_.node.outputs.size() && i <= states_; ++i) {
      if (b_.view.wants(i)) {
        const Value y =
            in_order(steps_, groups, parts([&](const Found& one) { return one.states[i - 1]; }), 1);
        steps_.finish(batch_first_ ? steps_.transpose(y, {1, 0, 2}) : y, i);
      }
    }
  }

  const Binding& b_;
  Steps steps_;
  std::vector<std::size_t> gates_;
  Operands weights_ = {};
  std::int64_t directions_, hidden_, times_ = 0, samples_ = 0, features_ = 0;
  std::size_t states_ = 1;
  bool batch_first_, reverse_;
};

}  // namespace

void bind_recurrent(const Binding& b) { Recurrent(b).bind(); }

}  // namespace flopmeter::onnx
