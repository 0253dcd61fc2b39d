#include "kernels/network/network.h"

#include <gmock/gmock.h>

#include "kernels/network/listing.h"

namespace flopmeter {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

const AnyLayer& linear() { return find_layer("linear"); }

/// y = fc2(relu(fc1(x))) with 2 x 3, 3 x 4 weights, without biases, three samples.
Network perceptron() {
  Network network("mlp");
  network.add_tensor({.name = "x", .dims = {3, 2}, .lifetime = Lifetime::input});
  network.add_tensor({.name = "w1", .dims = {3, 2}, .lifetime = Lifetime::constant});
  network.add_tensor({.name = "w2", .dims = {4, 3}, .lifetime = Lifetime::constant});
  network.add_tensor({.name = "h", .dims = {3, 3}});
  network.add_tensor({.name = "a", .dims = {9}});
  network.add_tensor({.name = "y", .dims = {3, 4}, .lifetime = Lifetime::output});
  return network;
}

Node dense(const Network& network, std::string label, std::string_view shape, std::string_view src,
           std::string_view weights, std::string_view dst) {
  return {
      .label = std::move(label),
      .layer = &linear(),
      .shape = linear().parse(shape),
      .edges = {
          {"src", network.at(src)}, {"weights", network.at(weights)}, {"dst", network.at(dst)}}};
}

Node relu(const Network& network) {
  const AnyLayer& layer = find_layer("relu");
  return {.label = "relu",
          .layer = &layer,
          .shape = layer.parse("mb3ic3"),
          .edges = {{"src", network.at("h")}, {"dst", network.at("a")}}};
}

Network built() {
  Network network = perceptron();
  network.add_node(dense(network, "fc1", "mb3ic2oc3bias0", "x", "w1", "h"));
  network.add_node(relu(network));
  network.add_node(dense(network, "fc2", "mb3ic3oc4bias0", "a", "w2", "y"));
  return network;
}

/// What adding fc1 with these bindings throws.
auto adding(const std::vector<std::pair<std::string, std::string>>& bindings) {
  return [=] {
    Network network = perceptron();
    Node node{.label = "fc1", .layer = &linear(), .shape = linear().parse("mb3ic2oc3bias0")};
    for (const auto& [operand, tensor] : bindings) {
      node.edges.push_back({operand, network.at(tensor)});
    }
    network.add_node(node);
  };
}

TEST(Network, KnowsWhoWritesAndWhoReads) {
  const Network network = built();
  EXPECT_EQ(network.nodes().size(), 3U);
  EXPECT_EQ(network.writer(network.at("x")), std::nullopt);
  EXPECT_EQ(network.writer(network.at("a")), 1U);
  EXPECT_EQ(network.last_reader(network.at("a")), 2U);
  EXPECT_EQ(network.last_reader(network.at("y")), std::nullopt);
  EXPECT_EQ(network.nodes()[0].layer, &linear());
  EXPECT_TRUE(network.nodes()[0].edges[2].writes);
  EXPECT_FALSE(network.nodes()[0].edges[1].writes);
}

// The same elements in other dimensions are a view, more or fewer are a mistake.
TEST(Network, TakesViewsButNoOtherSizes) {
  EXPECT_NO_THROW(built());
  EXPECT_THAT(adding({{"src", "x"}, {"weights", "w2"}, {"dst", "h"}}),
              ThrowsMessage<BadInput>(HasSubstr(
                  "node 'fc1' (linear mb3ic2oc3bias0): weights is 3x2, but tensor 'w2' is 4x3")));
}

TEST(Network, WantsEveryOperandOnce) {
  EXPECT_THAT(adding({{"src", "x"}, {"dst", "h"}}),
              ThrowsMessage<BadInput>(HasSubstr("weights is not bound to a tensor")));
  EXPECT_THAT(adding({{"src", "x"}, {"weights", "w1"}, {"weights", "w1"}, {"dst", "h"}}),
              ThrowsMessage<BadInput>(HasSubstr("weights is bound to more than one tensor")));
  EXPECT_THAT(adding({{"src", "x"}, {"weights", "w1"}, {"dst", "h"}, {"bias", "y"}}),
              ThrowsMessage<BadInput>(HasSubstr("has no operand 'bias'")));
}

TEST(Network, WritesTensorsOnceAndBeforeTheyAreRead) {
  EXPECT_THAT(
      [] {
        Network network = perceptron();
        network.add_node(relu(network));
      },
      ThrowsMessage<BadInput>(HasSubstr("node 'relu' (relu mb3ic3) reads 'h' before any node")));
  EXPECT_THAT(
      [] {
        Network network = built();
        network.add_node(dense(network, "again", "mb3ic2oc3bias0", "x", "w1", "h"));
      },
      ThrowsMessage<BadInput>(HasSubstr("writes 'h', which is written already")));
}

TEST(Network, DoesNotWriteConstants) {
  EXPECT_THAT(
      [] {
        Network network = perceptron();
        const TensorId square =
            network.add_tensor({.name = "c", .dims = {9}, .lifetime = Lifetime::constant});
        Node node = relu(network);
        node.edges[0].tensor = square;
        node.edges[1].tensor = square;
        network.add_node(node);
      },
      ThrowsMessage<BadInput>(HasSubstr("writes 'c', which is a constant")));
}

TEST(Network, RefusesPassesThatTheLayerHasNot) {
  Network network = perceptron();
  Node node = relu(network);
  node.pass = Pass::backward_weights;
  EXPECT_THROW(network.add_node(node), BadInput);
  node.pass = Pass::forward;
  node.shape.push_back(1);
  EXPECT_THAT([&] { network.add_node(node); },
              ThrowsMessage<BadInput>(HasSubstr("relu has 5 fields, not 6")));
}

TEST(Network, RefusesNamesThatAreThereAndNegativeDimensions) {
  Network network = perceptron();
  EXPECT_THAT([&] { network.add_tensor({.name = "x", .dims = {1}}); },
              ThrowsMessage<BadInput>(HasSubstr("'mlp' has two tensors 'x'")));
  EXPECT_THAT(
      [&] {
        network.add_tensor({.name = "z", .dims = {2, -1}});
      },
      ThrowsMessage<BadInput>(HasSubstr("tensor 'z' is 2x-1")));
  EXPECT_THAT([&] { network.at("nowhere"); },
              ThrowsMessage<BadInput>(HasSubstr("has no tensor 'nowhere'")));
}

// What is not understood stands in the graph, so that what reads its results is connected.
TEST(Network, HasNodesWithoutALayer) {
  Network network = perceptron();
  network.add_node({.label = "odd",
                    .edges = {{"in", network.at("x"), false}, {"out", network.at("h"), true}},
                    .operation = "NonZero"});
  EXPECT_NO_THROW(network.add_node(relu(network)));
  EXPECT_EQ(network.writer(network.at("h")), 0U);
}

TEST(Network, NamesWhatIsNotReached) {
  Network network = built();
  network.add_tensor({.name = "spare", .dims = {1}, .lifetime = Lifetime::constant});
  const TensorId never =
      network.add_tensor({.name = "never", .dims = {1}, .lifetime = Lifetime::output});
  EXPECT_THAT(network.unreached(), testing::ElementsAre(network.at("spare"), never));
}

// 20,000 nodes of matrices of 2^40 elements: names and numbers, no data.
TEST(Network, HoldsNoData) {
  Network network;
  const AnyLayer& layer = find_layer("relu");
  const Values shape = layer.parse("mb1048576ic1048576");
  const std::vector<std::int64_t> dims{1 << 20, 1 << 20};
  TensorId last = network.add_tensor({.name = "t", .dims = dims, .lifetime = Lifetime::input});
  for (int i = 0; i < 20'000; ++i) {
    const TensorId next = network.add_tensor({.name = fmt::format("t{}", i), .dims = dims});
    network.add_node({.label = fmt::format("n{}", i),
                      .layer = &layer,
                      .shape = shape,
                      .edges = {{"src", last}, {"dst", next}}});
    last = next;
  }
  EXPECT_EQ(network.writer(last), 19'999U);
}

// Of a list of layers nobody knows what they read, so that nothing must be written before.
TEST(ListedNetwork, HasANodeForEachTime) {
  const std::vector<Listed> entries{{parse_problem(linear(), "mb1ic4oc4bias0"), 3},
                                    {parse_problem(linear(), "mb1ic4oc2"), 1}};
  const Network network = listed_network("list", entries);
  ASSERT_EQ(network.nodes().size(), 4U);
  EXPECT_EQ(network.connections(), Connections::listed);
  const auto lifetime_of_source = [&](std::size_t node) {
    return network.tensors()[network.nodes()[node].edges[0].tensor].lifetime;
  };
  EXPECT_EQ(lifetime_of_source(2), Lifetime::input);
  EXPECT_EQ(lifetime_of_source(3), Lifetime::activation);
}

}  // namespace
}  // namespace flopmeter
