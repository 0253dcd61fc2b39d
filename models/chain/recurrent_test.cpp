// Recurrent layers in networks: behind and in front of others, backwards, with lengths, in bf16.
#include <gmock/gmock.h>

#include "kernels/agreement.h"
#include "kernels/bad_input.h"
#include "models/chain/chain.h"
#include "models/chain/chain_run.h"
#include "models/chain/random_numbers.h"
#include "models/testing/chain_difference.h"
#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"

namespace flopmeter::models {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words

constexpr std::int64_t steps = 5, sample_count = 3, features = 8, hidden = 16;

struct Cell {
  std::string op;
  std::int64_t gates;
  std::vector<Message> attributes = {};
};

Message some(std::string_view name, const Sizes& dims) {
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) {
    count *= dim;
  }
  return reals(name, dims, random_numbers(name, 3, count, {-0.4, 0.4}));
}

/// x through a relu, the layer, and another relu behind all its steps.
GraphParts recurrent(const Cell& cell, const std::string& direction, std::int64_t layout,
                     const std::vector<std::int64_t>& lengths = {}) {
  const std::int64_t directions = direction == "bidirectional" ? 2 : 1;
  const std::int64_t rows = cell.gates * hidden;
  std::vector<Message> attributes = cell.attributes;
  attributes.push_back(attribute("hidden_size", hidden));
  attributes.push_back(attribute("layout", layout));
  attributes.push_back(text_attribute("direction", direction));
  Names inputs{"r", "W", "R", "B"};
  GraphParts parts{
      .nodes = {node("Relu", {"x"}, {"r"})},
      .inputs = {value("x", layout == 1 ? "3x5x8" : "5x3x8")},
      .outputs = {},
      .initializers = {some("W", {directions, rows, features}),
                       some("R", {directions, rows, hidden}), some("B", {directions, 2 * rows})}};
  if (!lengths.empty()) {
    inputs.emplace_back("lengths");
    parts.initializers.push_back(integers("lengths", {sample_count}, lengths));
  }
  Names outputs{"all", "last"};
  if (cell.op == "LSTM") {
    outputs.emplace_back("cells");
  }
  parts.nodes.push_back(node(cell.op, inputs, outputs, attributes));
  parts.nodes.push_back(node("Relu", {"all"}, {"y"}));
  const std::string of = std::to_string(directions);
  parts.outputs = {value("y", layout == 1 ? "3x5x" + of + "x16" : "5x" + of + "x3x16")};
  for (const std::string name : {"last", "cells"}) {
    if (name == "last" || cell.op == "LSTM") {
      parts.outputs.push_back(value(name, layout == 1 ? "3x" + of + "x16" : of + "x3x16"));
    }
  }
  return parts;
}

std::string difference_of(const GraphParts& parts, Dtype dtype) {
  const TemporaryFile written(model(parts));
  return difference(read_network(written.path(), {}), dtype);
}

std::vector<Cell> cells() {
  return {{"LSTM", 4},
          {"GRU", 3, {attribute("linear_before_reset", 1)}},
          {"GRU", 3, {attribute("linear_before_reset", 0)}},
          {"RNN", 1}};
}

// Prevents states of another run: in bf16 the layer worked on copies that no run made.
TEST(RecurrentChain, AgreesInEveryDirectionAndNumberType) {
  for (const Cell& cell : cells()) {
    for (const char* direction : {"forward", "reverse", "bidirectional"}) {
      for (const Dtype dtype : {Dtype::f32, Dtype::bf16}) {
        EXPECT_EQ(difference_of(recurrent(cell, direction, 0), dtype), "")
            << cell.op << " " << direction << " " << to_string(dtype);
      }
    }
  }
}

// Exporters leave out what nobody reads: the last states, or all steps.
TEST(RecurrentChain, RunsWhereOnlySomeResultsAreWanted) {
  for (const Cell& cell : cells()) {
    for (const char* direction : {"forward", "bidirectional"}) {
      for (const Names& outputs : {Names{"all"}, Names{"", "last"}}) {
        GraphParts parts = recurrent(cell, direction, 0);
        std::vector<Message> attributes = cell.attributes;
        attributes.push_back(attribute("hidden_size", hidden));
        attributes.push_back(text_attribute("direction", direction));
        parts.nodes = {parts.nodes.front(),
                       node(cell.op, {"r", "W", "R", "B"}, outputs, attributes, "layer"),
                       node("Relu", {outputs.back()}, {"y"})};
        parts.outputs.resize(1);
        EXPECT_EQ(difference_of(parts, Dtype::f32), "") << cell.op << outputs.back();
      }
    }
  }
}

TEST(RecurrentChain, TakesSamplesBeforeSteps) {
  for (const Cell& cell : cells()) {
    EXPECT_EQ(difference_of(recurrent(cell, "bidirectional", 1), Dtype::f32), "") << cell.op;
  }
}

/// Results of the definition.
std::map<std::string, std::vector<double>> truth_of(const GraphParts& parts) {
  const TemporaryFile written(model(parts));
  std::map<std::string, std::vector<double>> all;
  for (TrueResult& one : evaluate(read_network(written.path(), {}), Dtype::f32)) {
    all[one.name] = std::move(one.values);
  }
  return all;
}

// Steps behind a sample's end are 0, and its last state is that of its own last step: that of the whole sequence where
// it has all steps.
TEST(RecurrentChain, EndsSequencesWhereTheyEnd) {
  for (const Cell& cell : cells()) {
    const GraphParts cut = recurrent(cell, "forward", 0, {5, 2, 4});
    EXPECT_EQ(difference_of(cut, Dtype::f32), "") << cell.op;
    const auto some_steps = truth_of(cut);
    const auto all_steps = truth_of(recurrent(cell, "forward", 0));
    for (std::int64_t t = 0; t < steps; ++t) {
      for (std::int64_t n = 0; n < sample_count; ++n) {
        const auto at = static_cast<std::size_t>((t * sample_count + n) * hidden);
        const bool there = t < std::vector<std::int64_t>{5, 2, 4}[static_cast<std::size_t>(n)];
        EXPECT_NEAR(some_steps.at("y")[at], there ? all_steps.at("y")[at] : 0, 1e-9)
            << cell.op << " step " << t << " of sample " << n;
      }
    }
    EXPECT_NEAR(some_steps.at("last")[0], all_steps.at("last")[0], 1e-9);
  }
}

TEST(RecurrentChain, EndsSequencesBackwardsAsWell) {
  for (const Cell& cell : cells()) {
    for (const std::int64_t layout : {0, 1}) {
      EXPECT_EQ(difference_of(recurrent(cell, "bidirectional", layout, {2, 5, 4}), Dtype::f32), "")
          << cell.op;
    }
  }
}

TEST(RecurrentChain, RefusesLengthsOutside) {
  EXPECT_THAT(
      [] {
        difference_of(recurrent({"RNN", 1}, "forward", 0, {6, 1, 1}), Dtype::f32);
      },
      ::testing::ThrowsMessage<BadInput>(::testing::HasSubstr("must be from 1 to 5")));
}

}  // namespace
}  // namespace flopmeter::models
