// Whole files: what they count, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/bad_input.h"
#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"
#include "models/totals.h"

namespace flopmeter::onnx {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using ::testing::Contains;
using ::testing::HasSubstr;

models::Model read_back(const std::string& bytes, const models::ModelOptions& options = {}) {
  const TemporaryFile file(bytes);
  return models::read_model_file(file.path(), options);
}

std::string refusal(const std::string& bytes, const models::ModelOptions& options = {}) {
  try {
    read_back(bytes, options);
  } catch (const BadInput& error) {
    return error.what();
  }
  return "accepted";
}

const models::ModelNode& row(const models::Model& model, std::string_view name) {
  for (const models::ModelNode& node : model.nodes) {
    if (node.name == name) {
      return node;
    }
  }
  throw std::out_of_range(std::string(name));
}

std::string shape_of(const models::ModelNode& node) {
  return node.layer == nullptr ? std::string(node.moves) : node.layer->print(node.values);
}

std::string conv_model(std::string_view batch) {
  return model(
      {.nodes = {node("Conv", {"x", "w", "b"}, {"y"},
                      {attribute("strides", Sizes{2, 2}), attribute("pads", Sizes{3, 3, 3, 3})})},
       .inputs = {value("x", std::string(batch) + "x3x224x224")},
       .outputs = {value("y", "")},
       .initializers = {weight("w", {64, 3, 7, 7}), weight("b", {64})}});
}

// A window of 200 over a signal, and a state whose middle dimension is the batch.
TEST(Onnx, ProposesSizesThatTheGraphGoesThrough) {
  const std::string bytes = model(
      {.nodes = {node("Unsqueeze", {"x", "axis"}, {"signal"}), node("Conv", {"signal", "w"}, {"c"}),
                 node("ReduceMean", {"c"}, {"m"}, {attribute("axes", Sizes{1, 2})}),
                 node("Add", {"h", "m"}, {"y"})},
       .inputs = {value("x", "batchxn"), value("h", "2xmx1")},
       .outputs = {value("y", "")},
       .initializers = {integers("axis", {1}, {1}), weight("w", {3, 1, 200})}});
  EXPECT_THAT(refusal(bytes), HasSubstr("as in --dim batch=1 --dim n=512 --dim m=1, or all"));
  models::ModelOptions options;
  options.dims = {{"batch", 1}, {"n", 512}, {"m", 1}};
  EXPECT_EQ(refusal(bytes, options), "accepted");
  options.dims = {{"*", 1}};
  EXPECT_THAT(refusal(bytes, options),
              HasSubstr("dimensions may have to be larger than was given, as in --dim n=512"));
  // What a sequence usually has is too short, and frames may be the first dimension.
  for (const std::string_view dims : {"1x1xsequence", "sequencex1x1"}) {
    const bool rows = dims.starts_with("s");
    const std::string long_window =
        model({.nodes = {node("Transpose", {"x"}, {"t"},
                              {attribute("perm", rows ? Sizes{1, 2, 0} : Sizes{0, 1, 2})}),
                         node("Conv", {"t", "w"}, {"y"})},
               .inputs = {value("x", dims)},
               .outputs = {value("y", "")},
               .initializers = {weight("w", {3, 1, 200})}});
    EXPECT_THAT(refusal(long_window), HasSubstr("as in --dim sequence=512, or all"));
  }
}

TEST(OnnxRead, CountsAConvolution) {
  const models::Model read = read_back(conv_model("1"));
  EXPECT_EQ(shape_of(row(read, "y")), "mb1ic3ih224oc64oh112kh7sh2ph3");
  EXPECT_EQ(models::totals_of(read, Pass::forward).dense.macs, 118'013'952);
  EXPECT_EQ(models::totals_of(read, Pass::forward).in_bounds.macs, 116'214'528);
  EXPECT_EQ(read.parameters, 64 * 3 * 49 + 64);
}

TEST(OnnxRead, RefusesAFreeDimensionWithALineToPaste) {
  EXPECT_THAT(refusal(conv_model("N")), HasSubstr("N; give each one, as in --dim N=1, or all"));
  EXPECT_THAT(refusal(conv_model("p2o.DynamicDimension.0")),
              HasSubstr("--dim p2o.DynamicDimension.0=1"));
  EXPECT_EQ(shape_of(row(read_back(conv_model("N"), {.dims = {{"N", 4}}}), "y")).substr(0, 3),
            "mb4");
  EXPECT_EQ(shape_of(row(read_back(conv_model("N"), {.dims = {{"*", 2}}}), "y")).substr(0, 3),
            "mb2");
}

/// past + tokens follows from the two.
TEST(OnnxRead, EvaluatesSumsOfDimensions) {
  const std::string bytes =
      model({.nodes = {node("Relu", {"x"}, {"y"}), node("Relu", {"p"}, {"q"})},
             .inputs = {value("x", "past + tokensx8"), value("p", "past")},
             .outputs = {value("y", ""), value("q", "")}});
  EXPECT_THAT(refusal(bytes), HasSubstr("--dim past=1 --dim tokens=1"));
  const models::Model read = read_back(bytes, {.dims = {{"past", 3}, {"tokens", 4}}});
  EXPECT_EQ(row(read, "y").output, "7x8");
}

/// The file's own Constant nodes hold weights as well as initializers do.
TEST(OnnxRead, TakesWeightsFromConstants) {
  const models::Model read = read_back(
      model({.nodes = {node("Constant", {}, {"w"}, {tensor_attribute("value", weight("", {5, 7}))}),
                       node("MatMul", {"x", "w"}, {"y"})},
             .inputs = {value("x", "2x3x5")},
             .outputs = {value("y", "")}}));
  EXPECT_EQ(shape_of(row(read, "y")), "mb6ic5oc7bias0");
  EXPECT_EQ(read.parameters, 35);
}

/// Shape, Gather, Concat, Reshape: what an exporter makes of x.view(x.size(0), -1).
TEST(OnnxRead, FoldsArithmeticOfShapes) {
  const models::Model read =
      read_back(model({.nodes = {node("Shape", {"x"}, {"s"}),
                                 node("Gather", {"s", "zero"}, {"n"}, {attribute("axis", 0)}),
                                 node("Unsqueeze", {"n", "axes"}, {"n1"}),
                                 node("Concat", {"n1", "rest"}, {"t"}, {attribute("axis", 0)}),
                                 node("Reshape", {"x", "t"}, {"y"}), node("Relu", {"y"}, {"z"})},
                       .inputs = {value("x", "2x3x4x5")},
                       .outputs = {value("z", "")},
                       .initializers = {integers("zero", {}, {0}), integers("axes", {1}, {0}),
                                        integers("rest", {1}, {-1})}}));
  EXPECT_EQ(row(read, "y").output, "2x60");
  EXPECT_EQ(row(read, "t").moves, "constant");
  EXPECT_EQ(read.parameters, 0);
}

GraphParts one_node(const Message& only) {
  return {.nodes = {only}, .inputs = {value("x", "2x3x4")}, .outputs = {value("y", "")}};
}

/// Below opset 13 everything behind the axis is one row.
TEST(OnnxRead, KnowsOperatorsByOpset) {
  const Message softmax = node("Softmax", {"x"}, {"y"}, {attribute("axis", 1)});
  EXPECT_EQ(shape_of(row(read_back(model(one_node(softmax), 12)), "y")), "mb2c12");
  EXPECT_EQ(shape_of(row(read_back(model(one_node(softmax), 13)), "y")), "mb8c3");
}

TEST(OnnxRead, NamesWhatItDoesNotKnow) {
  const models::Model read = read_back(model(one_node(node("Frobnicate", {"x"}, {"y"}))));
  EXPECT_THAT(row(read, "y").reason, HasSubstr("the operator Frobnicate is not known"));
  EXPECT_FALSE(models::totals_of(read, Pass::forward).whole);
}

TEST(OnnxRead, SortsNodesThatAreOutOfOrder) {
  const models::Model read =
      read_back(model({.nodes = {node("Relu", {"h"}, {"y"}), node("Relu", {"x"}, {"h"})},
                       .inputs = {value("x", "2x3")},
                       .outputs = {value("y", "")}}));
  EXPECT_EQ(row(read, "y").output, "2x3");
}

TEST(OnnxRead, RefusesImpossibleGraphsByName) {
  const auto with = [](std::vector<Message> nodes) {
    return model(
        {.nodes = std::move(nodes), .inputs = {value("x", "2x3")}, .outputs = {value("y", "")}});
  };
  EXPECT_THAT(refusal(with({node("Relu", {"z"}, {"y"}), node("Relu", {"y"}, {"z"})})),
              HasSubstr("node 'y' (Relu) is part of a cycle"));
  EXPECT_THAT(refusal(with({node("Relu", {"nothing"}, {"y"})})),
              HasSubstr("node 'y' (Relu): its input 'nothing' is made by nobody"));
  EXPECT_THAT(refusal(with({node("Relu", {"x"}, {"y"}), node("Tanh", {"x"}, {"y"}, {}, "b")})),
              HasSubstr("node 'b' (Tanh): the name 'y' is given to two tensors"));
  EXPECT_THAT(refusal(with({node("Softmax", {"x"}, {"y"}, {text_attribute("axis", "1")})})),
              HasSubstr("node 'y' (Softmax): attribute 'axis' has type 3, not 2"));
  EXPECT_THAT(refusal(with({node("Add", {"x"}, {"y"})})),
              HasSubstr("node 'y' (Add): input 1 is missing"));
  EXPECT_THAT(refusal(with({node("Relu", {"x"}, {"q"})})),
              HasSubstr("the result 'y' is made by nobody"));
}

/// Operators take dimensions by their places: one that is not there is the node's fault.
TEST(OnnxRead, RefusesInputsOfTooFewDimensionsByName) {
  EXPECT_THAT(refusal(model({.nodes = {node("Attention", {"q", "k", "k"}, {"y"})},
                             .inputs = {value("q", "1x2x3x8"), value("k", "2x5x8")},
                             .outputs = {value("y", "")}},
                            23)),
              HasSubstr("node 'y' (Attention): an input has fewer dimensions"));
}

TEST(OnnxRead, SaysThatAnOpsetIsNewerThanItKnows) {
  const models::Model read = read_back(model(one_node(node("Relu", {"x"}, {"y"})), 99));
  ASSERT_EQ(read.remarks.size(), 1U);
  EXPECT_THAT(read.remarks[0], HasSubstr("opset 99 is newer than 25"));
}

/// A loop that may end after any iteration is counted once, which it does at least.
TEST(OnnxRead, CountsOneIterationOfALoopThatMayEnd) {
  const Message body = graph({.nodes = {node("Relu", {"s"}, {"t"}), node("Not", {"on"}, {"off"})},
                              .inputs = {value("i", "", 7), value("go", "", 9), value("s", "")},
                              .outputs = {value("off", ""), value("t", "")}});
  const models::Model read = read_back(
      model({.nodes = {node("Loop", {"n", "", "x"}, {"y"}, {graph_attribute("body", body)})},
             .inputs = {value("x", "2x3"), value("on", "", 9)},
             .outputs = {value("y", "")},
             .initializers = {integers("n", {}, {5})}}));
  EXPECT_EQ(row(read, "y/body/t").uses, 1);
  EXPECT_THAT(row(read, "y").reason,
              HasSubstr("it may end before its 5 iterations: one is counted"));
}

/// Its condition does not hold before the first iteration: what is carried is what went in.
TEST(OnnxRead, CountsNothingOfALoopThatDoesNotStart) {
  const Message body = graph({.nodes = {node("Relu", {"s"}, {"t"}), node("Not", {"go"}, {"off"})},
                              .inputs = {value("i", "", 7), value("go", "", 9), value("s", "")},
                              .outputs = {value("off", ""), value("t", "")}});
  const auto counted = [&](std::vector<std::int64_t> start, std::int64_t trips) {
    GraphParts parts{
        .nodes = {node("Loop", {"n", "on", "x"}, {"y"}, {graph_attribute("body", body)}),
                  node("Relu", {"y"}, {"z"})},
        .inputs = {value("x", "2x3")},
        .outputs = {value("z", "")},
        .initializers = {integers("n", {}, {trips})}};
    if (start.empty()) {
      parts.inputs.push_back(value("on", "", 9));
    } else {
      parts.nodes.insert(parts.nodes.begin(), node("Cast", {"one"}, {"on"}, {attribute("to", 9)}));
      parts.initializers.push_back(integers("one", {}, start));
    }
    return read_back(model(parts));
  };
  const models::Model never = counted({0}, 5);
  EXPECT_EQ(row(never, "y/body/t").uses, 0);
  EXPECT_TRUE(models::totals_of(never, Pass::forward).whole);
  EXPECT_EQ(row(never, "z").output, "2x3");
  EXPECT_EQ(row(counted({}, 0), "y/body/t").uses, 0);
  const models::Model perhaps = counted({}, 5);
  EXPECT_EQ(row(perhaps, "y/body/t").uses, 1);
  EXPECT_THAT(row(perhaps, "y").reason, HasSubstr("a run may do none"));
}

TEST(OnnxRead, RefusesShapesThatDoNotFit) {
  EXPECT_THAT(refusal(model({.nodes = {node("MatMul", {"x", "w"}, {"y"})},
                             .inputs = {value("x", "2x3")},
                             .outputs = {value("y", "")},
                             .initializers = {weight("w", {4, 5})}})),
              HasSubstr("node 'y' (MatMul): A has 3 columns but B has 4 rows"));
  EXPECT_THAT(refusal(model({.nodes = {node("Relu", {"x"}, {"y"})},
                             .inputs = {value("x", "9223372036854775807x16")},
                             .outputs = {value("y", "")}})),
              HasSubstr("63"));
}

TEST(OnnxRead, TakesFunctionsApart) {
  Message function = Message().text(1, "Twice").text(4, "a").text(5, "b");
  function.message(7, node("Relu", {"a"}, {"h"})).message(7, node("Relu", {"h"}, {"b"}));
  function.text(10, "local").message(9, opset("", 17));
  const models::Model read =
      read_back(model({.nodes = {node("Twice", {"x"}, {"y"}, {}, "call", "local")},
                       .inputs = {value("x", "2x3")},
                       .outputs = {value("y", "")}},
                      17, {function}));
  EXPECT_EQ(row(read, "call/b").output, "2x3");
  EXPECT_EQ(row(read, "call/h").path, "call");
}

TEST(OnnxRead, RefusesFunctionsThatCallThemselves) {
  Message function = Message().text(1, "Again").text(4, "a").text(5, "b").text(10, "local");
  function.message(7, node("Again", {"a"}, {"b"}, {}, "", "local"));
  EXPECT_THAT(refusal(model({.nodes = {node("Again", {"x"}, {"y"}, {}, "", "local")},
                             .inputs = {value("x", "2x3")},
                             .outputs = {value("y", "")}},
                            17, {function})),
              HasSubstr("functions call one another more than 32 deep"));
}

Message branch(std::string_view op) {
  return graph(
      {.nodes = {node(op, {"x"}, {"r"}, {}, op)}, .inputs = {}, .outputs = {value("r", "")}});
}

/// A condition that folds takes its branch; else both are named.
TEST(OnnxRead, FollowsConditions) {
  const Message choice = node("If", {"c"}, {"y"},
                              {graph_attribute("then_branch", branch("Relu")),
                               graph_attribute("else_branch", branch("Tanh"))});
  GraphParts parts{.nodes = {choice},
                   .inputs = {value("x", "2x3"), value("c", "", 9)},
                   .outputs = {value("y", "")}};
  const models::Model open = read_back(model(parts));
  EXPECT_THAT(row(open, "y").reason, HasSubstr("of both branches the one with fewer MACs"));
  EXPECT_EQ(row(open, "y/then/Relu").uses + row(open, "y/else/Tanh").uses, 1);
  EXPECT_EQ(row(open, "y/then/Relu").output, "2x3");
  EXPECT_EQ(row(open, "y/else/Tanh").output, "2x3");
  parts.nodes = {node("Greater", {"two", "one"}, {"c"}), choice};
  parts.inputs = {value("x", "2x3")};
  parts.initializers = {integers("one", {}, {1}), integers("two", {}, {2})};
  const models::Model decided = read_back(model(parts));
  EXPECT_TRUE(models::totals_of(decided, Pass::forward).whole);
  EXPECT_EQ(row(decided, "y/then/Relu").output, "2x3");
  EXPECT_THROW(row(decided, "y/else/Tanh"), std::out_of_range);
}

/// Inputs of these sizes go through one of its branches only.
TEST(OnnxRead, TakesTheBranchThatCanBe) {
  const auto takes = [](const std::string& size) {
    return graph({.nodes = {node("MatMul", {"x", size}, {"r"}, {}, size)},
                  .inputs = {},
                  .outputs = {value("r", "")}});
  };
  GraphParts parts{.nodes = {node("If", {"c"}, {"y"},
                                  {graph_attribute("then_branch", takes("a")),
                                   graph_attribute("else_branch", takes("b"))})},
                   .inputs = {value("x", "2x3"), value("c", "", 9)},
                   .outputs = {value("y", "")},
                   .initializers = {reals("a", {4, 5}, std::vector<float>(20)),
                                    reals("b", {3, 7}, std::vector<float>(21))}};
  const models::Model read = read_back(model(parts));
  EXPECT_TRUE(models::totals_of(read, Pass::forward).whole);
  EXPECT_EQ(row(read, "y/else/b").output, "2x7");
  EXPECT_THROW(row(read, "y/then/a"), std::out_of_range);
  EXPECT_THAT(read.remarks, Contains(HasSubstr("the 'else' branch is taken, since the other")));
  parts.inputs[0] = value("x", "2x6");
  EXPECT_THAT(refusal(model(parts)), HasSubstr("neither branch can be"));
}

/// A fault of the file is no sign that the other branch runs.
TEST(OnnxRead, RefusesABranchThatIsNoGraph) {
  const auto takes = [](const std::string& name) {
    return graph({.nodes = {node("Relu", {name}, {"r"}, {}, name)},
                  .inputs = {},
                  .outputs = {value("r", "")}});
  };
  const GraphParts parts{.nodes = {node("If", {"c"}, {"y"},
                                        {graph_attribute("then_branch", takes("nowhere")),
                                         graph_attribute("else_branch", takes("x"))})},
                         .inputs = {value("x", "2x3"), value("c", "", 9)},
                         .outputs = {value("y", "")}};
  EXPECT_THAT(refusal(model(parts)), HasSubstr("its input 'nowhere' is made by nobody"));
}

TEST(OnnxRead, CountsALoopAsOftenAsItRuns) {
  const Message body =
      graph({.nodes = {node("Relu", {"s"}, {"t"}), node("Identity", {"go"}, {"on"}),
                       node("Identity", {"t"}, {"u"})},
             .inputs = {value("i", "", 7), value("go", "", 9), value("s", "")},
             .outputs = {value("on", ""), value("t", ""), value("u", "")}});
  const models::Model read = read_back(
      model({.nodes = {node("Loop", {"n", "", "x"}, {"y", "all"}, {graph_attribute("body", body)}),
                       node("Relu", {"all"}, {"z"})},
             .inputs = {value("x", "2x3")},
             .outputs = {value("y", ""), value("z", "")},
             .initializers = {integers("n", {}, {5})}}));
  EXPECT_EQ(row(read, "y/body/t").uses, 5);
}

Message external_weight(std::string_view location) {
  Message m = Message().number(1, 4).number(2, 7).text(8, "w").number(14, 1);
  return m.message(13, Message().text(1, "location").text(2, location));
}

std::string external_model(std::string_view location) {
  return model({.nodes = {node("Reshape", {"x", "w"}, {"y"})},
                .inputs = {value("x", "2x3")},
                .outputs = {value("y", "")},
                .initializers = {external_weight(location)}});
}

TEST(OnnxRead, RefusesDataOutsideOfTheFolder) {
  for (const std::string_view location : {"../secret", "/etc/passwd", "a/../../b", ""}) {
    EXPECT_THAT(refusal(external_model(location)), HasSubstr("outside of the model's folder"));
  }
  EXPECT_EQ(row(read_back(external_model("beside.bin")), "y").output.substr(0, 1), "y");
}

}  // namespace
}  // namespace flopmeter::onnx
