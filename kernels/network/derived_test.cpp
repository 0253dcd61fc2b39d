#include "kernels/network/derived.h"

#include <gmock/gmock.h>

#include "kernels/network/backward.h"
#include "kernels/network/flatten.h"

namespace flopmeter {
namespace {

Node node(Network& network, std::string label, std::string_view layer, std::string_view shape,
          std::vector<std::pair<std::string, std::string>> bindings) {
  const AnyLayer& found = find_layer(layer);
  Node made{.label = std::move(label), .layer = &found, .shape = found.parse(shape)};
  for (const auto& [operand, tensor] : bindings) {
    made.edges.push_back({operand, network.at(tensor)});
  }
  return made;
}

/// y = x * w * w + x * w: both products have the same weights, both terms are read twice.
Network tied() {
  Network network("tied");
  network.add_tensor({.name = "x", .dims = {2, 3}, .lifetime = Lifetime::input});
  network.add_tensor({.name = "w", .dims = {3, 3}, .lifetime = Lifetime::constant});
  network.add_tensor({.name = "once", .dims = {2, 3}});
  network.add_tensor({.name = "twice", .dims = {2, 3}});
  network.add_tensor({.name = "y", .dims = {2, 3}, .lifetime = Lifetime::output});
  const std::string_view square = "mb2ic3oc3bias0";
  network.add_node(
      node(network, "a", "linear", square, {{"src", "x"}, {"weights", "w"}, {"dst", "once"}}));
  network.add_node(
      node(network, "b", "linear", square, {{"src", "once"}, {"weights", "w"}, {"dst", "twice"}}));
  network.add_node(
      node(network, "sum", "add", "2x3:2x3", {{"src0", "twice"}, {"src1", "once"}, {"dst", "y"}}));
  return network;
}

TEST(Derived, FormulasAddUpAndTiedWeightsCountOnce) {
  const Formula formula = formula_of(tied());
  EXPECT_EQ(formula.dense.macs, 2 * 2 * 3 * 3);
  EXPECT_EQ(formula.dense.adds, 2 * (2 * 3 * 2) + 6);
  EXPECT_EQ(formula.parameters, 9);
  EXPECT_EQ(components_of(tied()).size(), 3U);
}

TEST(Derived, OperandsHaveRolesByTheirLifetimes) {
  std::vector<std::pair<std::string_view, Role>> found;
  for (const Operand& operand : operands_of(tied())) {
    found.emplace_back(operand.name, operand.role);
  }
  EXPECT_THAT(found,
              testing::ElementsAre(std::pair("x", Role::input), std::pair("w", Role::parameter),
                                   std::pair("once", Role::saved), std::pair("twice", Role::saved),
                                   std::pair("y", Role::output)));
}

// A cost that is not known is no zero.
TEST(Derived, RefusesNodesThatAreNoLayers) {
  Network network;
  network.add_node({.label = "odd", .operation = "NonZero"});
  EXPECT_THAT([&] { formula_of(network); },
              testing::ThrowsMessage<BadInput>(testing::HasSubstr("'odd' (NonZero) is no layer")));
}

// "once" is read by b and by the sum: its gradient is the sum of both, which is a node.
TEST(Backward, AddsTheGradientsOfWhatIsReadTwice) {
  const Network backward = backward_of(tied(), Pass::backward_data);
  std::vector<std::string> labels;
  for (const Node& one : backward.nodes()) {
    labels.push_back(one.label);
  }
  EXPECT_THAT(labels, testing::ElementsAre("sum", "b", "sum of diff_once", "a"));
  EXPECT_EQ(backward.tensors()[backward.at("diff_x")].lifetime, Lifetime::output);
  EXPECT_EQ(backward.tensors()[backward.at("diff_y")].lifetime, Lifetime::input);
  EXPECT_EQ(backward.tensors()[backward.at("diff_once")].lifetime, Lifetime::saved);
}

// Of the weights, too: both nodes that have them make a part.
TEST(Backward, AddsTheGradientsOfTiedWeights) {
  const Network backward = backward_of(tied(), Pass::backward_weights);
  ASSERT_EQ(backward.nodes().size(), 3U);
  EXPECT_EQ(backward.nodes()[2].label, "sum of diff_w");
  EXPECT_EQ(backward.tensors()[backward.at("diff_w")].lifetime, Lifetime::output);
}

TEST(Flattened, HasTheNodesOfCompositesUnderTheirLabels) {
  const AnyLayer& layer = find_layer("encoder_layer");
  const Network whole = layer.network(layer.parse("mb1l2e4h2ff8"), Pass::forward);
  const Network flat = flattened(whole);
  EXPECT_EQ(formula_of(flat).dense, formula_of(whole).dense);
  EXPECT_EQ(formula_of(flat).parameters, formula_of(whole).parameters);
  std::vector<std::string> labels;
  for (const Node& one : flat.nodes()) {
    EXPECT_FALSE(one.layer->network) << one.label;
    labels.push_back(one.label);
  }
  EXPECT_THAT(labels,
              testing::ElementsAre("attention/q", "attention/k", "attention/v", "attention/core",
                                   "attention/out", "attention_add", "attention_norm", "ffn/up",
                                   "ffn/act", "ffn/down", "ffn_add", "ffn_norm"));
}

}  // namespace
}  // namespace flopmeter
