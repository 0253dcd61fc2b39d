// Recurrent nodes that no layer is, against plain loops of what ONNX says of them.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "kernels/bad_input.h"
#include "models/chain/random_numbers.h"
#include "models/testing/chain_difference.h"
#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"

namespace flopmeter::models {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words

constexpr std::size_t cell_steps = 4, cell_samples = 2, cell_inputs = 3, cell_hidden = 5;

using Function = std::function<double(double)>;

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }
double tanh_of(double x) { return std::tanh(x); }
double hard_of(double x) { return std::clamp(0.3 * x + 0.4, 0.0, 1.0); }
double leaky_of(double x) { return x < 0 ? 0.25 * x : x; }
double softsign_of(double x) { return x / (1 + std::abs(x)); }

/// One node, and what it means.
struct CellCase {
  std::string op;
  std::size_t gates;
  std::vector<Message> attributes;
  std::vector<Function> functions;
  double clip = 1e9;
  bool peepholes = false, coupled = false, reset_after = false;
};

std::vector<float> drawn_for(std::string_view name, std::size_t count) {
  return random_numbers(name, 5, static_cast<std::int64_t>(count), {-0.9, 0.9});
}

/// The node in plain loops, forwards or backwards; the state of every step, steps x samples x hidden.
class PlainCell {
 public:
  explicit PlainCell(const CellCase& cell)
      : cell_(cell),
        x_(drawn_for("x", cell_steps * cell_samples * cell_inputs)),
        w_(drawn_for("W", cell.gates * cell_hidden * cell_inputs)),
        r_(drawn_for("R", cell.gates * cell_hidden * cell_hidden)),
        b_(drawn_for("B", 2 * cell.gates * cell_hidden)),
        p_(drawn_for("P", 3 * cell_hidden)) {}

  std::vector<double> operator()(bool backwards) {
    std::vector<double> all(cell_steps * cell_samples * cell_hidden);
    for (std::size_t n = 0; n < cell_samples; ++n) {
      std::vector<double> h(cell_hidden, 0), c(cell_hidden, 0);
      for (std::size_t i = 0; i < cell_steps; ++i) {
        const std::size_t t = backwards ? cell_steps - 1 - i : i;
        at_ = (t * cell_samples + n) * cell_inputs;
        step(h, c);
        std::ranges::copy(
            h, all.begin() + static_cast<std::ptrdiff_t>((t * cell_samples + n) * cell_hidden));
      }
    }
    return all;
  }

 private:
  double of_input(std::size_t gate, std::size_t j) const {
    const std::size_t row = gate * cell_hidden + j;
    double sum = b_[row];
    for (std::size_t i = 0; i < cell_inputs; ++i) {
      sum += static_cast<double>(w_[row * cell_inputs + i]) * x_[at_ + i];
    }
    return sum;
  }
  double of_state(std::size_t gate, std::size_t j, const std::vector<double>& h) const {
    const std::size_t row = gate * cell_hidden + j;
    double sum = b_[cell_.gates * cell_hidden + row];
    for (std::size_t k = 0; k < cell_hidden; ++k) {
      sum += static_cast<double>(r_[row * cell_hidden + k]) * h[k];
    }
    return sum;
  }
  double done(std::size_t i, double x) const {
    return cell_.functions[i](std::clamp(x, -cell_.clip, cell_.clip));
  }
  double peephole(std::size_t gate, std::size_t j, double c) const {
    return cell_.peepholes ? p_[gate * cell_hidden + j] * c : 0;
  }

  void step(std::vector<double>& h, std::vector<double>& c) {
    const std::vector<double> before = h;
    for (std::size_t j = 0; j < cell_hidden; ++j) {
      const auto sum = [&](std::size_t gate) {
        return of_input(gate, j) + of_state(gate, j, before);
      };
      if (cell_.op == "RNN") {
        h[j] = done(0, sum(0));
      } else if (cell_.op == "GRU") {
        h[j] = gru(j, before);
      } else {
        const double i = done(0, sum(0) + peephole(0, j, c[j]));
        const double f = cell_.coupled ? 1 - i : done(0, sum(2) + peephole(2, j, c[j]));
        c[j] = f * c[j] + i * done(1, sum(3));
        h[j] = done(0, sum(1) + peephole(1, j, c[j])) * cell_.functions[2](c[j]);
      }
    }
  }

  double gru(std::size_t j, const std::vector<double>& h) const {
    const auto gate = [&](std::size_t g, std::size_t k) {
      return done(0, of_input(g, k) + of_state(g, k, h));
    };
    const double z = gate(0, j);
    std::vector<double> reset = h;
    for (std::size_t k = 0; k < cell_hidden; ++k) {
      reset[k] = gate(1, k) * h[k];
    }
    const double of_h = cell_.reset_after ? gate(1, j) * of_state(2, j, h) : of_state(2, j, reset);
    return (1 - z) * done(1, of_input(2, j) + of_h) + z * h[j];
  }

  const CellCase& cell_;
  std::vector<float> x_, w_, r_, b_, p_;
  std::size_t at_ = 0;
};

GraphParts parts_of(const CellCase& cell, const std::string& direction) {
  std::vector<Message> attributes = cell.attributes;
  attributes.push_back(attribute("hidden_size", static_cast<std::int64_t>(cell_hidden)));
  attributes.push_back(text_attribute("direction", direction));
  Names inputs{"x", "W", "R", "B"};
  if (cell.peepholes) {
    inputs.insert(inputs.end(), {"", "", "", "P"});
  }
  const auto rows = static_cast<std::int64_t>(cell.gates * cell_hidden);
  const auto stored = [&](const char* name, const Sizes& dims, std::size_t count) {
    return reals(name, dims, drawn_for(name, count));
  };
  return {.nodes = {node(cell.op, inputs, {"y", "last"}, attributes)},
          .inputs = {value("x", "4x2x3")},
          .outputs = {value("y", "4x1x2x5"), value("last", "1x2x5")},
          .initializers = {stored("W", {1, rows, 3}, cell.gates * cell_hidden * cell_inputs),
                           stored("R", {1, rows, 5}, cell.gates * cell_hidden * cell_hidden),
                           stored("B", {1, 2 * rows}, 2 * cell.gates * cell_hidden),
                           stored("P", {1, 15}, 15)}};
}

std::vector<CellCase> cell_cases() {
  const auto named = [](const Names& names) { return texts_attribute("activations", names); };
  return {
      {"LSTM", 4, {}, {sigmoid_of, tanh_of, tanh_of}, 1e9, true},
      {"LSTM", 4, {attribute("input_forget", 1)}, {sigmoid_of, tanh_of, tanh_of}, 1e9, false, true},
      {"LSTM", 4, {real_attribute("clip", 0.5)}, {sigmoid_of, tanh_of, tanh_of}, 0.5, true},
      {"LSTM",
       4,
       {named({"HardSigmoid", "Softsign", "LeakyRelu"}), attribute("input_forget", 1),
        reals_attribute("activation_alpha", {0.3F, 0.25F}),
        reals_attribute("activation_beta", {0.4F})},
       {hard_of, softsign_of, leaky_of},
       1e9,
       true,
       true},
      {"GRU", 3, {}, {sigmoid_of, tanh_of}},
      {"GRU", 3, {real_attribute("clip", 0.3F)}, {sigmoid_of, tanh_of}, 0.3F},
      {"GRU",
       3,
       {attribute("linear_before_reset", 1), named({"sigmoid", "softsign"})},
       {sigmoid_of, softsign_of},
       1e9,
       false,
       false,
       true},
      {"RNN", 1, {named({"LEAKYRELU"}), reals_attribute("activation_alpha", {0.25F})}, {leaky_of}},
      {"RNN", 1, {real_attribute("clip", 0.2F)}, {tanh_of}, 0.2F},
  };
}

TEST(Cells, ComputeWhatTheOperatorSays) {
  int index = 0;
  for (const CellCase& cell : cell_cases()) {
    for (const bool backwards : {false, true}) {
      const TemporaryFile written(model(parts_of(cell, backwards ? "reverse" : "forward")));
      const std::vector<float> x = drawn_for("x", cell_steps * cell_samples * cell_inputs);
      ModelOptions options;
      options.inputs["x"] = {"x", std::nullopt, {x.begin(), x.end()}};
      const NetworkFile file = read_network(written.path(), options);
      const std::vector<double> expected = PlainCell(cell)(backwards);
      const std::vector<double> all = evaluate(file, Dtype::f32).front().values;
      EXPECT_EQ(difference(file), "") << index;
      ASSERT_EQ(all.size(), expected.size());
      for (std::size_t i = 0; i < all.size(); ++i) {
        ASSERT_NEAR(all[i], expected[i], 1e-5) << index << " element " << i;
      }
    }
    ++index;
  }
}

TEST(Cells, RefusesWhatItDoesNotKnow) {
  const auto refused = [](const Message& attribute) {
    const CellCase cell{"RNN", 1, {attribute}, {tanh_of}};
    const TemporaryFile written(model(parts_of(cell, "forward")));
    read_network(written.path(), {});
  };
  EXPECT_THAT([&] { refused(texts_attribute("activations", {"Mystery"})); },
              ::testing::ThrowsMessage<BadInput>(::testing::HasSubstr("'mystery'")));
  EXPECT_THAT(
      [&] {
        refused(texts_attribute("activations", {"Relu", "Tanh"}));
      },
      ::testing::ThrowsMessage<BadInput>(::testing::HasSubstr("2 activations")));
}

}  // namespace
}  // namespace flopmeter::models
