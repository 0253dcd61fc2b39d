// If, Loop, Scan and operators that find as much as the data have, as networks that run.
#include <gmock/gmock.h>

#include "kernels/bad_input.h"
#include "models/chain/chain.h"
#include "models/chain/chain_run.h"
#include "models/chain/truth.h"
#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"

namespace flopmeter::models {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Results of the definition, for inputs that are all of one number; the chain has the same.
std::map<std::string, std::vector<double>> results_of(const GraphParts& parts, float input,
                                                      std::vector<std::string>* remarks = nullptr) {
  const TemporaryFile written(model(parts));
  NetworkFile file = read_network(written.path(), {});
  for (TensorId id = 0; id < file.network.tensors().size(); ++id) {
    const Tensor& tensor = file.network.tensors()[id];
    if (tensor.lifetime == Lifetime::input) {
      file.numbers[id] = [input, count = static_cast<std::size_t>(elements(tensor))] {
        return std::vector<float>(count, input);
      };
    }
  }
  if (remarks != nullptr) {
    *remarks = file.remarks;
  }
  const Chain chain = make_chain(file, Dtype::f32);
  ChainRun run(chain, Dtype::f32, 1);
  run.run();
  std::map<std::string, std::vector<double>> all;
  for (const TrueResult& one : evaluate(file, Dtype::f32)) {
    const std::vector<float> got = run.result(one.name);
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_NEAR(got[i], one.values[i], 1e-5 * one.largest) << one.name << " " << i;
    }
    all[one.name] = one.values;
  }
  return all;
}

/// s = 2 s + i, which is collected as well; goes on while i < `until`.
Message doubling(std::int64_t until) {
  return graph(
      {.nodes = {node("Mul", {"s", "two"}, {"d"}),
                 node("Cast",
                      {
                          "i",
                      },
                      {"real"}, {attribute("to", 1)}),
                 node("Add", {"d", "real"}, {"next"}), node("Less", {"i", "until"}, {"on"}),
                 node("Identity", {"next"}, {"seen"})},
       .inputs = {value("i", "", 7), value("go", "", 9), value("s", "2")},
       .outputs = {value("on", "", 9), value("next", "2"), value("seen", "2")},
       .initializers = {reals("two", {}, {2}), integers("until", {}, {until})}});
}

GraphParts loop(std::int64_t trips, std::int64_t until) {
  return {.nodes = {node("Loop", {"trips", "", "x"}, {"y", "z"},
                         {graph_attribute("body", doubling(until))})},
          .inputs = {value("x", "2")},
          .outputs = {value("y", "2"), value("z", "nx2")},
          .initializers = {integers("trips", {}, {trips})}};
}

TEST(Unrolling, RunsLoopsOneIterationBehindTheOther) {
  const auto all = results_of(loop(3, 100), 1);
  EXPECT_THAT(all.at("y"), ElementsAre(12, 12)) << "1, 2, 5, 12";
  EXPECT_THAT(all.at("z"), ElementsAre(2, 2, 5, 5, 12, 12));
}

TEST(Unrolling, EndsWhereTheConditionDoes) {
  EXPECT_THAT(results_of(loop(100, 1), 1).at("z"), ElementsAre(2, 2, 5, 5));
}

TEST(Unrolling, RefusesLoopsOfWhichOnlyARunKnowsTheLength) {
  GraphParts parts = loop(3, 100);
  parts.initializers.clear();
  parts.inputs.push_back(value("trips", "", 7));
  EXPECT_THAT([&] { results_of(parts, 1); },
              ::testing::ThrowsMessage<BadInput>(
                  HasSubstr("(Loop) cannot run: the number of its iterations is known during a run "
                            "only")));
}

TEST(Unrolling, RunsScansAlongTheirAxis) {
  const Message body =
      graph({.nodes = {node("Add", {"s", "x"}, {"sum"}), node("Identity", {"sum"}, {"seen"})},
             .inputs = {value("s", "2"), value("x", "2")},
             .outputs = {value("sum", "2"), value("seen", "2")}});
  const GraphParts parts{
      .nodes = {node(
          "Scan", {"zero", "x"}, {"y", "z"},
          {attribute("num_scan_inputs", 1), graph_attribute("body", body),
           attribute("scan_input_axes", Sizes{1}), attribute("scan_output_directions", Sizes{1})})},
      .inputs = {value("x", "2x3")},
      .outputs = {value("y", "2"), value("z", "3x2")},
      .initializers = {reals("zero", {2}, {0, 10})}};
  const auto all = results_of(parts, 1);
  EXPECT_THAT(all.at("y"), ElementsAre(3, 13));
  EXPECT_THAT(all.at("z"), ElementsAre(3, 13, 2, 12, 1, 11));
}

/// relu(x) where the sum is above 0, else -x.
GraphParts choice() {
  const Message yes =
      graph({.nodes = {node("Relu", {"x"}, {"a"})}, .inputs = {}, .outputs = {value("a", "2")}});
  const Message no =
      graph({.nodes = {node("Neg", {"x"}, {"b"})}, .inputs = {}, .outputs = {value("b", "2")}});
  return {
      .nodes = {node("ReduceSum", {"x"}, {"s"}, {attribute("keepdims", 0)}),
                node("Greater", {"s", "zero"}, {"c"}),
                node("If", {"c"}, {"y"},
                     {graph_attribute("then_branch", yes), graph_attribute("else_branch", no)})},
      .inputs = {value("x", "2")},
      .outputs = {value("y", "2")},
      .initializers = {reals("zero", {}, {0})}};
}

TEST(Unrolling, RunsBothBranchesAndSaysSo) {
  std::vector<std::string> remarks;
  EXPECT_THAT(results_of(choice(), 3, &remarks).at("y"), ElementsAre(3, 3));
  EXPECT_THAT(results_of(choice(), -3).at("y"), ElementsAre(3, 3));
  EXPECT_THAT(remarks, ElementsAre(HasSubstr("both branches run")));
}

TEST(Unrolling, RunsTheBranchThatCanBe) {
  GraphParts parts = choice();
  const Message no = graph({.nodes = {node("Reshape", {"x", "shape"}, {"b"})},
                            .inputs = {},
                            .outputs = {value("b", "3")},
                            .initializers = {integers("shape", {1}, {3})}});
  const Message yes =
      graph({.nodes = {node("Relu", {"x"}, {"a"})}, .inputs = {}, .outputs = {value("a", "2")}});
  parts.nodes.back() =
      node("If", {"c"}, {"y"},
           {graph_attribute("then_branch", yes), graph_attribute("else_branch", no)});
  std::vector<std::string> remarks;
  EXPECT_THAT(results_of(parts, 3, &remarks).at("y"), ElementsAre(3, 3));
  EXPECT_THAT(remarks, ElementsAre(HasSubstr("the 'then' branch is taken")));
}

// The weights of a graph within a graph are its own, not drawn.
TEST(Unrolling, ReadsWeightsOfInnerGraphs) {
  const Message body = graph({.nodes = {node("Add", {"x", "w"}, {"a"})},
                              .inputs = {},
                              .outputs = {value("a", "2")},
                              .initializers = {reals("w", {2}, {5, 7})}});
  const GraphParts parts{
      .nodes = {node("If", {"c"}, {"y"},
                     {graph_attribute("then_branch", body), graph_attribute("else_branch", body)})},
      .inputs = {value("x", "2")},
      .outputs = {value("y", "2")},
      .initializers = {Message().number(2, 9).text(8, "c").text(9, std::string(1, '\1'))}};
  EXPECT_THAT(results_of(parts, 1).at("y"), ElementsAre(6, 8));
}

TEST(Unrolling, FindsAsMuchAsThereMayBe) {
  const GraphParts parts{.nodes = {node("NonZero", {"x"}, {"y"})},
                         .inputs = {value("x", "2x2")},
                         .outputs = {value("y", "2xn", 7)}};
  std::vector<std::string> remarks;
  EXPECT_THAT(results_of(parts, 1, &remarks).at("y"), ElementsAre(0, 0, 1, 1, 0, 1, 0, 1));
  EXPECT_THAT(results_of(parts, 0).at("y"), ElementsAre(-1, -1, -1, -1, -1, -1, -1, -1));
  EXPECT_THAT(remarks, ElementsAre(HasSubstr("the most, 4 rows")));
}

}  // namespace
}  // namespace flopmeter::models
