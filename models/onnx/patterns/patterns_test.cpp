// What exporters write as primitives is recognised, and counts as much as its layer.
#include <gtest/gtest.h>

#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"
#include "models/totals.h"

namespace flopmeter::onnx {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words

models::Model read_patterns(const GraphParts& parts, bool as_is = false) {
  const TemporaryFile file(model(parts));
  models::ModelOptions options;
  options.as_is = as_is;
  return models::read_model_file(file.path(), options);
}

std::string layers_of(const models::Model& model) {
  std::string text;
  for (const models::ModelNode& node : model.nodes) {
    if (node.layer != nullptr) {
      text += std::string(node.layer->name) + " " + node.layer->print(node.values) + ";";
    }
  }
  return text;
}

GraphParts layernorm_parts() {
  return {.nodes = {node("ReduceMean", {"x"}, {"m"}, {attribute("axes", Sizes{-1})}),
                    node("Sub", {"x", "m"}, {"d"}), node("Pow", {"d", "two"}, {"p"}),
                    node("ReduceMean", {"p"}, {"v"}, {attribute("axes", Sizes{-1})}),
                    node("Add", {"v", "eps"}, {"a"}), node("Sqrt", {"a"}, {"r"}),
                    node("Div", {"d", "r"}, {"q"}), node("Mul", {"q", "w"}, {"s"}),
                    node("Add", {"s", "b"}, {"y"})},
          .inputs = {value("x", "2x5x8")},
          .outputs = {value("y", "")},
          .initializers = {reals("two", {}, {2}), reals("eps", {}, {1e-5F}), weight("w", {8}),
                           weight("b", {8})}};
}

TEST(OnnxPatterns, FindLayerNorm) {
  const models::Model read = read_patterns(layernorm_parts());
  EXPECT_EQ(layers_of(read), "layernorm mb10c8;");
  EXPECT_EQ(read.nodes.back().covers.size(), 9U);
  EXPECT_EQ(read.patterns.front(), "1 x layernorm, of 9 nodes");
}

/// A result inside that somebody else reads keeps the primitives.
TEST(OnnxPatterns, LeaveWhatIsReadFromOutside) {
  GraphParts parts = layernorm_parts();
  parts.outputs.push_back(value("r", ""));
  EXPECT_EQ(layers_of(read_patterns(parts)).find("layernorm"), std::string::npos);
}

TEST(OnnxPatterns, AreLeftOutAsIs) {
  EXPECT_EQ(layers_of(read_patterns(layernorm_parts(), true)).find("layernorm"), std::string::npos);
}

TEST(OnnxPatterns, FindGelu) {
  const models::Model read =
      read_patterns({.nodes = {node("Div", {"x", "root"}, {"d"}), node("Erf", {"d"}, {"e"}),
                               node("Add", {"e", "one"}, {"a"}), node("Mul", {"x", "a"}, {"m"}),
                               node("Mul", {"m", "half"}, {"y"})},
                     .inputs = {value("x", "2x8")},
                     .outputs = {value("y", "")},
                     .initializers = {reals("root", {}, {1.41421356F}), reals("one", {}, {1}),
                                      reals("half", {}, {0.5F})}});
  EXPECT_EQ(layers_of(read), "gelu_erf mb1ic16;");
}

TEST(OnnxPatterns, FindAttentionAndBiases) {
  const models::Model read = read_patterns(
      {.nodes = {node("MatMul", {"q", "k"}, {"s"}), node("Div", {"s", "scale"}, {"t"}),
                 node("Softmax", {"t"}, {"w"}, {attribute("axis", -1)}),
                 node("MatMul", {"w", "v"}, {"h"}), node("MatMul", {"h", "o"}, {"p"}),
                 node("Add", {"p", "ob"}, {"y"})},
       .inputs = {value("q", "2x4x6x8"), value("k", "2x4x8x10"), value("v", "2x4x10x8")},
       .outputs = {value("y", "")},
       .initializers = {reals("scale", {}, {2.8F}), weight("o", {8, 3}), weight("ob", {3})}});
  EXPECT_EQ(layers_of(read), "sdpa mb2h4lq6lk10d8;linear mb48ic8oc3;");
}

/// Each of queries and keys by the root of the scale, with a mask: scaled_dot_product_attention of PyTorch.
TEST(OnnxPatterns, FindAttentionWhoseOperandsAreScaled) {
  const GraphParts parts{
      .nodes = {node("Mul", {"q", "root"}, {"a"}), node("Mul", {"root", "k"}, {"b"}),
                node("MatMul", {"a", "b"}, {"s"}), node("Add", {"s", "mask"}, {"t"}),
                node("Softmax", {"t"}, {"w"}, {attribute("axis", -1)}),
                node("MatMul", {"w", "v"}, {"y"})},
      .inputs = {value("q", "2x4x6x8"), value("k", "2x4x8x10"), value("v", "2x4x10x8"),
                 value("mask", "6x10")},
      .outputs = {value("y", "")},
      .initializers = {reals("root", {}, {0.6F})}};
  const models::Model read = read_patterns(parts);
  EXPECT_EQ(layers_of(read), "add 2x4x6x10:1x1x6x10;sdpa mb2h4lq6lk10d8;");
  EXPECT_EQ(read.patterns.front(), "1 x sdpa, of 6 nodes");
}

/// A scale that has another size is none: it makes a result of more elements.
TEST(OnnxPatterns, LeaveProductsThatGrow) {
  const models::Model read = read_patterns(
      {.nodes = {node("Mul", {"q", "grows"}, {"a"}), node("MatMul", {"a", "k"}, {"s"}),
                 node("Softmax", {"s"}, {"w"}, {attribute("axis", -1)}),
                 node("MatMul", {"w", "v"}, {"y"})},
       .inputs = {value("q", "6x8"), value("k", "2x8x10"), value("v", "2x10x8")},
       .outputs = {value("y", "")},
       .initializers = {reals("grows", {1, 1, 1}, {0.6F})}});
  EXPECT_EQ(layers_of(read).find("sdpa"), std::string::npos);
}

}  // namespace
}  // namespace flopmeter::onnx
