// LSTM, GRU and RNN of a graph as nodes of a network. Gates of layers stand in another order than ONNX's, and
// layers have the results of both directions side by side where ONNX has them apart.
#include <algorithm>
#include <array>
#include <cmath>

#include "models/onnx/bind_steps.h"
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
Numbers in_order(Numbers numbers, std::size_t blocks, std::vector<std::size_t> order) {
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
    const LayerUse& use = b_.use();
    Value x = steps_.in(0);
    x = batch_first_ ? steps_.transpose(x, {1, 0, 2}) : x;
    times_ = x.dims[0];
    samples_ = x.dims[1];
    x = turned(x);
    const TensorId all =
        b_.builder.add(b_.node, "cells", use.layer, shape_text(use), operands(x), results());
    if (b_.view.wants(0)) {
      finish_sequence(all);
    }
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
    if (!b_.builder.is_constant(given)) {
      bad_input("its weights are no constants");
    }
    return b_.builder.constant(fmt::format("{}:{}", b_.node.name, name), b_.builder.dims(given),
                               in_order(b_.builder.numbers(given), blocks, gates_));
  }

  /// The state before the first step, 0 where none is given.
  TensorId state(std::size_t input) {
    const Sizes dims{directions_, samples_, hidden_};
    if (!b_.view.has(input)) {
      const auto count = static_cast<std::size_t>(product_of(dims, 0, dims.size()));
      return steps_.id(steps_.constant(dims, std::vector<float>(count, 0)));
    }
    b_.draw(input, {-0.5, 0.5});
    const Value given = steps_.in(input);
    return steps_.id(batch_first_ ? steps_.transpose(given, {1, 0, 2}) : given);
  }

  Operands operands(const Value& x) {
    const double bound = 1 / std::sqrt(static_cast<double>(hidden_));
    for (const std::size_t input : {1, 2, 3}) {
      b_.draw(input, {-bound, bound});
    }
    const auto runs = static_cast<std::size_t>(directions_);
    Operands all{{"src", steps_.id(x)},
                 {"src_iter", state(5)},
                 {"weights_layer", reordered(1, "W", runs)},
                 {"weights_iter", reordered(2, "R", runs)}};
    if (lstm()) {
      all.emplace_back("src_iter_c", state(6));
    }
    if (b_.view.has(3)) {
      all.emplace_back("bias", reordered(3, "B", 2 * runs));
    }
    return all;
  }

  /// States are results as they are; all steps are where nothing has to be done to them.
  Results results() {
    for (std::size_t i = 1; i < b_.node.outputs.size(); ++i) {
      if (b_.view.wants(i) && batch_first_) {
        bad_input("its last states, samples before directions, are not run");
      }
    }
    const bool plain = b_.view.wants(0) && !batch_first_ && !reverse_ && directions_ == 1;
    plain_ = plain;
    Results all{{"dst", plain ? b_.node.outputs[0] : nobody}};
    for (std::size_t i = 1; i < b_.node.outputs.size() && i < 3; ++i) {
      if (b_.view.wants(i)) {
        all.emplace_back(i == 1 ? "dst_iter" : "dst_iter_c", b_.node.outputs[i]);
      }
    }
    return all;
  }

  /// Steps, directions, samples, features; or samples, steps, directions, features.
  void finish_sequence(TensorId all) {
    if (plain_) {
      return;
    }
    Value y = turned(steps_.given(all, {times_, samples_, directions_, hidden_}));
    steps_.finish(batch_first_      ? steps_.transpose(y, {1, 0, 2, 3})
                  : directions_ > 1 ? steps_.transpose(y, {0, 2, 1, 3})
                                    : y);
  }

  const Binding& b_;
  Steps steps_;
  std::vector<std::size_t> gates_;
  std::int64_t directions_, hidden_, times_ = 0, samples_ = 0;
  bool batch_first_, reverse_, plain_ = false;
};

}  // namespace

void bind_recurrent(const Binding& b) { Recurrent(b).bind(); }

namespace {

constexpr std::array recurrent_rows_bound{Binder{"", "LSTM", bind_recurrent},
                                          Binder{"", "RNN", bind_recurrent}};

}  // namespace

std::span<const Binder> recurrent_binders() { return recurrent_rows_bound; }

}  // namespace flopmeter::onnx
