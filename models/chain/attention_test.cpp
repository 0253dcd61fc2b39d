// Attention as one node, beside the nodes that it is made of in the same file.
#include <gmock/gmock.h>

#include <map>

#include "models/testing/chain_difference.h"
#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"

namespace flopmeter::models {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words

/// y of the one node and z of the others: one head of 4 features, 3 queries, 5 keys, behind a factor of the scores.
GraphParts one_beside_many(const Message& attention, const std::string& q, const std::string& k) {
  return {.nodes = {attention, node("Transpose", {k}, {"kt"}, {attribute("perm", Sizes{0, 2, 1})}),
                    node("MatMul", {q, "kt"}, {"s"}), node("Mul", {"s", "scale"}, {"t"}),
                    node("Softmax", {"t"}, {"p"}), node("MatMul", {"p", "v"}, {"z"})},
          .inputs = {value("q", "2x3x4"), value("k", "2x5x4"), value("v", "2x5x4")},
          .outputs = {value("y", "2x3x4"), value("z", "2x3x4")},
          .initializers = {reals("scale", {}, {0.8F}),
                           reals("bias", {12}, {1, 2, 3, 4, -1, 0, 1, 0, 0, 0, 0, 0}),
                           reals("bq", {4}, {1, 2, 3, 4}), reals("bk", {4}, {-1, 0, 1, 0})}};
}

void expect_the_same(const GraphParts& parts) {
  const TemporaryFile written(model(parts, 23));
  const NetworkFile file = read_network(written.path(), {});
  EXPECT_EQ(difference(file), "");
  std::map<std::string, std::vector<double>> results;
  for (TrueResult& one : evaluate(file, Dtype::f32)) {
    results[one.name] = std::move(one.values);
  }
  ASSERT_EQ(results.at("y").size(), 24U);
  for (std::size_t i = 0; i < 24; ++i) {
    EXPECT_NEAR(results.at("y")[i], results.at("z")[i], 1e-6) << i;
  }
}

TEST(AttentionNode, IsWhatItIsMadeOf) {
  const std::vector<Message> standard{attribute("q_num_heads", 1), attribute("kv_num_heads", 1),
                                      real_attribute("scale", 0.8F)};
  expect_the_same(one_beside_many(node("Attention", {"q", "k", "v"}, {"y"}, standard), "q", "k"));
}

TEST(AttentionNode, AddsOnnxRuntimesBias) {
  GraphParts parts = one_beside_many(
      node("MultiHeadAttention", {"q", "k", "v", "bias"}, {"y"},
           {attribute("num_heads", 1), real_attribute("scale", 0.8F)}, "", "com.microsoft"),
      "qb", "kb");
  parts.nodes.insert(parts.nodes.begin() + 1,
                     {node("Add", {"q", "bq"}, {"qb"}), node("Add", {"k", "bk"}, {"kb"})});
  expect_the_same(parts);
}

}  // namespace
}  // namespace flopmeter::models
