// Recurrent layers in networks: behind and in front of others, in every direction and in bf16.
#include <gmock/gmock.h>

#include "models/chain/random_numbers.h"
#include "models/testing/chain_difference.h"
#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"

namespace flopmeter::models {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words

constexpr std::int64_t features = 8, hidden = 16;

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
GraphParts recurrent(const Cell& cell, const std::string& direction) {
  const std::int64_t directions = direction == "bidirectional" ? 2 : 1;
  const std::int64_t rows = cell.gates * hidden;
  std::vector<Message> attributes = cell.attributes;
  attributes.push_back(attribute("hidden_size", hidden));
  attributes.push_back(text_attribute("direction", direction));
  Names inputs{"r", "W", "R", "B"};
  GraphParts parts{
      .nodes = {node("Relu", {"x"}, {"r"})},
      .inputs = {value("x", "5x3x8")},
      .outputs = {},
      .initializers = {some("W", {directions, rows, features}),
                       some("R", {directions, rows, hidden}), some("B", {directions, 2 * rows})}};
  Names outputs{"all", "last"};
  if (cell.op == "LSTM") {
    outputs.emplace_back("cells");
  }
  parts.nodes.push_back(node(cell.op, inputs, outputs, attributes));
  parts.nodes.push_back(node("Relu", {"all"}, {"y"}));
  const std::string of = std::to_string(directions);
  parts.outputs = {value("y", "5x" + of + "x3x16")};
  for (const std::string name : {"last", "cells"}) {
    if (name == "last" || cell.op == "LSTM") {
      parts.outputs.push_back(value(name, of + "x3x16"));
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
        EXPECT_EQ(difference_of(recurrent(cell, direction), dtype), "")
            << cell.op << " " << direction << " " << to_string(dtype);
      }
    }
  }
}

}  // namespace
}  // namespace flopmeter::models
