// Results that jump where their sources are a little off.
#include "models/chain/decisions.h"

#include <gmock/gmock.h>

#include "models/chain/chain_run.h"
#include "models/chain/truth.h"
#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"

namespace flopmeter::models {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using ::testing::ElementsAre;

/// What follow() makes of a node's results, `off`: how far its real numbers may be.
struct Followed {
  std::vector<double> values;
  std::int64_t others;
};

Followed followed(std::string_view layer, std::string_view shape,
                  std::map<std::string, std::vector<double>> data, const std::string& result,
                  const std::vector<float>& run, double off) {
  const AnyLayer& known = find_layer(layer);
  Network network("");
  Node node{.label = "n", .layer = &known, .shape = known.parse(shape)};
  std::vector<std::vector<double>> numbers;
  for (const Operand& operand : known.operands(node.shape, Pass::forward)) {
    const bool writes = written(operand.role);
    const std::string name(operand.name);
    node.edges.push_back(
        {name,
         network.add_tensor({.name = name,
                             .dims = operand.dims,
                             .lifetime = writes ? Lifetime::output : Lifetime::input}),
         writes});
    numbers.push_back(data.at(name));
  }
  network.add_node(node);
  const std::int64_t others = follow(
      network.nodes()[0], network, {{result, run}},
      [&](TensorId id) { return std::span(numbers[id]); }, [&](TensorId) { return off; });
  return {numbers[network.at(result)], others};
}

TEST(Decisions, TakeTheRunsOnlyWhereNumbersAreAsGoodAsEqual) {
  const Followed near =
      followed("greater", "3:3", {{"src0", {1, 1, 5}}, {"src1", {1.01, 3, 1}}, {"dst", {0, 0, 1}}},
               "dst", {1, 1, 0}, 0.1);
  EXPECT_THAT(near.values, ElementsAre(1, 0, 1));
  EXPECT_EQ(near.others, 1);
}

TEST(Decisions, BroadcastWhatIsCompared) {
  const Followed near = followed(
      "greater", "2x2:1x2", {{"src0", {1, 1, 2, 2}}, {"src1", {3, 2.01}}, {"dst", {0, 0, 0, 0}}},
      "dst", {1, 1, 1, 1}, 0.1);
  EXPECT_THAT(near.values, ElementsAre(0, 0, 0, 1));
}

TEST(Decisions, ArgMaxMayBeOfAnyOfTheLargest) {
  const std::map<std::string, std::vector<double>> data{{"src", {1, 4, 4.05, 7, 1, 2}},
                                                        {"dst", {2, 0}}};
  EXPECT_THAT(followed("argmax", "2x3:2x1", data, "dst", {1, 2}, 0.1).values, ElementsAre(1, 0));
}

// A number may be whole, or of no sign, only as far as it may be off.
TEST(Decisions, WholeNumbersMayBeTheNext) {
  EXPECT_THAT(followed("floor", "4", {{"src", {2.99, 3.01, 2.5, 7}}, {"dst", {2, 3, 2, 7}}}, "dst",
                       {3, 2, 3, 9}, 0.1)
                  .values,
              ElementsAre(3, 2, 2, 7));
  EXPECT_THAT(followed("sign", "3", {{"src", {0.01, 3, -0.01}}, {"dst", {1, 1, -1}}}, "dst",
                       {-1, -1, 0}, 0.1)
                  .values,
              ElementsAre(-1, 1, 0));
}

TEST(Decisions, TopKMayBeInAnotherOrder) {
  const std::map<std::string, std::vector<double>> data{
      {"src", {4, 4.05, 1, 9}}, {"dst", {9, 4.05}}, {"places", {3, 1}}};
  EXPECT_THAT(followed("topk", "n4m2", data, "places", {3, 0}, 0.1).values, ElementsAre(3, 0));
  EXPECT_THAT(followed("topk", "n4m2", data, "places", {3, 2}, 0.1).values, ElementsAre(3, 1))
      << "1 is none of the largest";
  EXPECT_THAT(followed("topk", "n4m2", data, "places", {3, 3}, 10).values, ElementsAre(3, 1))
      << "the same place twice";
}

// Boxes 0 and 1 overlap; 2 lies apart.
TEST(Decisions, BoxesMayGoForOthersOfTheirScore) {
  const std::map<std::string, std::vector<double>> data{
      {"boxes", {0, 0, 1, 1, 0, 0.1, 1, 1.1, 2, 2, 3, 3}},
      {"scores", {0.5, 0.501, 0.4}},
      {"overlap", {0.5}},
      {"least", {0}},
      {"dst", {0, 0, 1, 0, 0, 2}}};
  EXPECT_THAT(followed("nms", "n3m2", data, "dst", {0, 0, 0, 0, 0, 2}, 0.001).values,
              ElementsAre(0, 0, 0, 0, 0, 2));
  EXPECT_THAT(followed("nms", "n3m2", data, "dst", {0, 0, 0, 0, 0, 2}, 0.0001).values,
              ElementsAre(0, 0, 1, 0, 0, 2));
  EXPECT_THAT(followed("nms", "n3m2", data, "dst", {0, 0, 0, -1, -1, -1}, 0.001).values,
              ElementsAre(0, 0, 1, 0, 0, 2))
      << "box 2 had to be kept";
}

/// The largest of the channels of a convolution, in bf16: some are as good as equal.
GraphParts segmentation() {
  std::vector<float> weights(32 * 8);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<float>((i * 37) % 64) / 64 - 0.5F;
  }
  return {.nodes = {node("Conv", {"x", "w"}, {"c"}),
                    node("ArgMax", {"c"}, {"y"}, {attribute("axis", 1), attribute("keepdims", 0)})},
          .inputs = {value("x", "1x8x32x32")},
          .outputs = {value("y", "1x32x32", 7)},
          .initializers = {reals("w", {32, 8, 1, 1}, weights)}};
}

TEST(Decisions, AreThoseOfTheRunInTheTruth) {
  const TemporaryFile written(model(segmentation()));
  const NetworkFile file = read_network(written.path(), {});
  const Chain chain = make_chain(file, Dtype::bf16);
  ChainRun run(chain, Dtype::bf16, 1);
  run.run();
  const std::vector<float> got = run.result("y");
  const TrueResult truth =
      evaluate(file, Dtype::bf16, 1, decisions_of(chain, Dtype::bf16, 1)).at(0);
  EXPECT_EQ(std::vector<double>(got.begin(), got.end()), truth.values);
  EXPECT_LT(truth.decided, std::ssize(got) / 4);
}

// exp(-x) of a large x is off by x times the error of x.
TEST(Truth, KnowsWhereResultsAreSteep) {
  const GraphParts parts{
      .nodes = {node("Conv", {"x", "w", "b"}, {"c"}), node("Sigmoid", {"c"}, {"y"})},
      .inputs = {value("x", "1x8x16x16")},
      .outputs = {value("y", "1x4x16x16")},
      .initializers = {reals("w", {4, 8, 1, 1}, std::vector<float>(32, 0.37F)),
                       reals("b", {4}, {-19.3F, -19.3F, -19.3F, -19.3F})}};
  const TemporaryFile written(model(parts));
  const NetworkFile file = read_network(written.path(), {});
  const Chain chain = make_chain(file, Dtype::bf16);
  ChainRun run(chain, Dtype::bf16, 1);
  run.run();
  const std::vector<float> got = run.result("y");
  const TrueResult truth = evaluate(file, Dtype::bf16).at(0);
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], truth.values[i], truth.absolute) << i;
  }
  EXPECT_LT(truth.absolute, 20 * unit_roundoff(Dtype::bf16) * 22 * truth.largest);
}

// Places above 256 are not whole numbers of bf16.
TEST(Decisions, PlacesAreExactInEveryNumberType) {
  const GraphParts parts{
      .nodes = {node("TopK", {"x", "k"}, {"v", "i"}),
                node("GatherElements", {"x", "i"}, {"y"}, {attribute("axis", 1)})},
      .inputs = {value("x", "2x3000")},
      .outputs = {value("y", "2x40"), value("v", "2x40")},
      .initializers = {integers("k", {1}, {40})}};
  const TemporaryFile written(model(parts));
  const Chain chain = make_chain(read_network(written.path(), {}), Dtype::bf16);
  ChainRun run(chain, Dtype::bf16, 1);
  run.run();
  EXPECT_EQ(run.result("y"), run.result("v"));
}

}  // namespace
}  // namespace flopmeter::models
