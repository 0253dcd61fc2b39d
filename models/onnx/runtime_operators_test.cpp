// Operators of ONNX Runtime with other layouts, mixtures of experts, and what follows operators that are not known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"
#include "models/totals.h"

namespace flopmeter::onnx {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

models::Model read_graph_of(const GraphParts& parts, const models::ModelOptions& options = {}) {
  const TemporaryFile file(model(parts, 21));
  return models::read_model_file(file.path(), options);
}

std::vector<std::string> described_rows(const models::Model& read) {
  std::vector<std::string> rows;
  for (const models::ModelNode& node : read.nodes) {
    rows.push_back(node.layer != nullptr
                       ? fmt::format("{} {}", node.layer->name, node.layer->print(node.values))
                   : node.reason.empty() ? std::string(node.moves)
                                         : node.reason);
  }
  return rows;
}

std::vector<std::string> rows_of_one(const Message& only, std::vector<Message> inputs,
                                     std::vector<Message> initializers = {}) {
  return described_rows(read_graph_of({.nodes = {only},
                                       .inputs = std::move(inputs),
                                       .outputs = {value("y", "")},
                                       .initializers = std::move(initializers)}));
}

Message of_runtime(std::string_view op, const Names& inputs,
                   const std::vector<Message>& attributes = {}) {
  return node(op, inputs, {"y"}, attributes, "", "com.microsoft");
}

/// 9 x 7 pixels of 3 channels: with the channels second it would be another convolution, or none.
TEST(OnnxRuntimeOperators, TakesChannelsBehind) {
  const std::vector<Message> weights{weight("w", {4, 3, 3, 3}), weight("b", {4})};
  EXPECT_THAT(
      rows_of_one(of_runtime("NhwcConv", {"x", "w", "b"}), {value("x", "1x9x7x3")}, weights),
      ElementsAre("conv2d mb1ic3ih9iw7oc4oh7ow5kh3kw3ph0pw0"));
  EXPECT_THAT(rows_of_one(of_runtime("NhwcFusedConv", {"x", "w", "b"},
                                     {text_attribute("activation", "Relu")}),
                          {value("x", "1x9x7x3")}, weights),
              ElementsAre("conv2d mb1ic3ih9iw7oc4oh7ow5kh3kw3ph0pw0", "relu mb1ic140"));
  EXPECT_THAT(
      rows_of_one(of_runtime("NhwcMaxPool", {"x"},
                             {attribute("kernel_shape", {2, 2}), attribute("strides", {2, 2})}),
                  {value("x", "1x8x6x3", 3)}),
      ElementsAre("max_pool mb1ic3ih8iw6oh4ow3kh2kw2sh2sw2ph0pw0"));
}

TEST(OnnxRuntimeOperators, TakesQuantisedChannelsBehind) {
  const std::vector<Message> settings{reals("s", {}, {1}), ones("z", {}), ones("w", {4, 3, 3, 3}),
                                      weight("ws", {4}), ones("wz", {4})};
  EXPECT_THAT(rows_of_one(of_runtime("QLinearConv", {"x", "s", "z", "w", "ws", "wz", "s", "z"},
                                     {attribute("channels_last", 1)}),
                          {value("x", "1x9x7x3", 2)}, settings),
              ElementsAre("conv2d mb1ic3ih9iw7oc4oh7ow5kh3kw3ph0pw0bias0", "sub 9x7x3:1x1x1",
                          "quantize 7x5x4:1x1x4:1x1x1"));
  EXPECT_THAT(rows_of_one(of_runtime("QLinearGlobalAveragePool", {"x", "s", "z", "s", "z"},
                                     {attribute("channels_last", 1)}),
                          {value("x", "1x9x7x3", 2)}, settings),
              Contains("adaptive_avg_pool mb1ic3ih9iw7oh1ow1"));
}

/// A is [rows, batches, depth].
TEST(OnnxRuntimeOperators, BringsTheFirstAxisBehindTheBatches) {
  EXPECT_THAT(rows_of_one(of_runtime("FusedMatMul", {"x", "z"}, {attribute("transBatchA", 1)}),
                          {value("x", "5x2x3x16"), value("z", "2x3x16x8")}),
              ElementsAre("matmul 2x3x5x16:2x3x16x8"));
}

/// A value of an attribute that is not understood makes no fault of the file.
TEST(OnnxRuntimeOperators, DoesNotBlameTheFileForWhatIsNotUnderstood) {
  EXPECT_THAT(rows_of_one(of_runtime("FusedMatMul", {"x", "z"}, {attribute("transBatchA", 2)}),
                          {value("x", "5x2x3x16"), value("z", "2x4x16x8")}),
              ElementsAre("its attribute 'transBatchA' is 2: counted with 0, 1 alone"));
}

std::vector<Message> expert_weights(bool transposed) {
  return {weight("w1", transposed ? Sizes{8, 128, 64} : Sizes{8, 64, 128}), weight("b1", {8, 128}),
          weight("w2", transposed ? Sizes{8, 64, 128} : Sizes{8, 128, 64}), weight("b2", {8, 64})};
}

/// Every token goes through two of eight experts, whichever way their matrices lie.
TEST(OnnxRuntimeOperators, CountsExpertsOfEveryToken) {
  for (const bool transposed : {false, true}) {
    const models::Model read = read_graph_of(
        {.nodes = {of_runtime("MoE", {"x", "r", "w1", "b1", "w2", "b2"},
                              {attribute("k", 2), text_attribute("activation_type", "gelu"),
                               attribute("normalize_routing_weights", 1)})},
         .inputs = {value("x", "2x5x64"), value("r", "10x8")},
         .outputs = {value("y", "")},
         .initializers = expert_weights(transposed)});
    EXPECT_THAT(described_rows(read),
                ElementsAre("softmax mb10c8", "topk mb10n8m2", "reduce_sum 10x2:10x1",
                            "div 10x2:10x1", "linear mb20ic64oc128", "gelu_tanh mb1ic2560",
                            "linear mb20ic128oc64", "mul 20x64:20x1", "add 10x64:10x64"));
    EXPECT_EQ(read.parameters, 8 * (2 * 64 * 128 + 128 + 64));
    EXPECT_TRUE(models::totals_of(read, Pass::forward).whole);
  }
}

/// Two weights of 4 bits in a byte; the first product makes gate and up. Scales are no parameters.
TEST(OnnxRuntimeOperators, CountsExpertsOfFewBits) {
  const models::Model read = read_graph_of(
      {.nodes = {of_runtime("QMoE", {"x", "r", "w1", "s1", "", "w2", "s2"},
                            {attribute("k", 4), text_attribute("activation_type", "swiglu"),
                             attribute("expert_weight_bits", 4), attribute("swiglu_fusion", 1)})},
       .inputs = {value("x", "10x64"), value("r", "10x8")},
       .outputs = {value("y", "")},
       .initializers = {ones("w1", {8, 256, 32}), weight("s1", {8, 256}), ones("w2", {8, 64, 64}),
                        weight("s2", {8, 64})}});
  EXPECT_THAT(described_rows(read), Contains("linear mb40ic64oc256bias0"));
  EXPECT_THAT(described_rows(read), Contains("linear mb40ic128oc64bias0"));
  EXPECT_EQ(models::totals_of(read, Pass::forward).dense.macs, 40 * 3 * 64 * 128);
  EXPECT_FALSE(models::totals_of(read, Pass::forward).whole);
  EXPECT_EQ(read.parameters, 8 * 3 * 64 * 128);
  ASSERT_EQ(read.weights.size(), 1U);
  EXPECT_EQ(read.weights[0].bytes(), 8 * (256 * 32 + 64 * 64) + 8 * (256 + 64) * 4);
}

TEST(OnnxRuntimeOperators, LooksUpRowsOfFewBits) {
  const models::Model read =
      read_graph_of({.nodes = {of_runtime("GatherBlockQuantized", {"t", "i", "s"},
                                          {attribute("block_size", 32), attribute("gather_axis", 0),
                                           attribute("quantize_axis", 1)})},
                     .inputs = {value("i", "2x5", 7)},
                     .outputs = {value("y", "")},
                     .initializers = {ones("t", {100, 32}), weight("s", {100, 2})}});
  EXPECT_THAT(described_rows(read), ElementsAre("dequantize 20x32:20x1:20x1"));
  EXPECT_EQ(read.nodes[0].output, "2x5x64");
  EXPECT_EQ(read.parameters, 100 * 64);
}

/// Tables of angles are no parameters, whatever of the two operators reads them.
TEST(OnnxRuntimeOperators, TakesNoAnglesForParameters) {
  const std::vector<Message> tables{weight("c", {100, 8}), weight("s", {100, 8})};
  const GraphParts standard{
      .nodes = {node("RotaryEmbedding", {"x", "c", "s", "p"}, {"y"}, {attribute("num_heads", 4)})},
      .inputs = {value("x", "2x10x64"), value("p", "2x10", 7)},
      .outputs = {value("y", "")},
      .initializers = tables};
  GraphParts runtime = standard;
  runtime.nodes = {of_runtime("RotaryEmbedding", {"x", "p", "c", "s"})};
  EXPECT_EQ(read_graph_of(standard).parameters, 0);
  EXPECT_EQ(read_graph_of(runtime).parameters, 0);
}

GraphParts behind_a_stranger(std::string_view stated) {
  return {.nodes = {node("Strange", {"x"}, {"h"}, {}, "", "my.domain"),
                    node("MatMul", {"h", "w"}, {"y"}), node("MatMul", {"h", "w"}, {"z"})},
          .inputs = {value("x", "nx3")},
          .outputs = {value("y", ""), value("h", stated)},
          .initializers = {weight("w", {8, 4})}};
}

/// The file says what comes out of an operator that is not known: what follows is counted.
TEST(OnnxRuntimeOperators, TakesTheShapeThatTheFileStates) {
  const models::Model read = read_graph_of(behind_a_stranger("nx8"), {.dims = {{"n", 5}}});
  EXPECT_THAT(described_rows(read), ElementsAre("the operator my.domain.Strange is not known",
                                                "linear mb5ic8oc4bias0", "linear mb5ic8oc4bias0"));
  EXPECT_THAT(
      read.remarks,
      Contains(HasSubstr("what follows a node that is not understood is counted with the shapes "
                         "that the file states")));
}

/// A size that no input has is one that the data decide: '*' does not bind it.
TEST(OnnxRuntimeOperators, GuessesNoSizeThatDataDecide) {
  const models::Model read = read_graph_of(behind_a_stranger("foundx8"), {.dims = {{"*", 5}}});
  EXPECT_THAT(described_rows(read)[1], HasSubstr("the shape of its input 'h' is not known"));
}

/// A count that does not fit names the node that it is of.
TEST(OnnxRuntimeOperators, NamesTheNodeWhoseCountDoesNotFit) {
  const models::Model read =
      read_graph_of({.nodes = {node("MatMul", {"x", "z"}, {"y"})},
                     .inputs = {value("x", "2147483648x1048576"), value("z", "1048576x1048576")},
                     .outputs = {value("y", "")}});
  try {
    models::totals_of(read, Pass::forward);
    FAIL() << "it fits";
  } catch (const CountOverflow& error) {
    EXPECT_THAT(error.what(), ::testing::StartsWith("node 'y': count overflow"));
  }
}

/// 17 positions are reached by a kernel of 3 in steps of 2; the result has 20.
TEST(OnnxRuntimeOperators, CountsTransposedConvolutionsIntoLargerResults) {
  EXPECT_THAT(rows_of_one(node("ConvTranspose", {"x", "w"}, {"y"},
                               {attribute("strides", {2, 2}), attribute("output_shape", {20, 16})}),
                          {value("x", "1x4x8x8")}, {weight("w", {4, 5, 3, 3})}),
              ElementsAre("conv_transpose2d mb1ic4ih8iw8oc5oh17ow16kh3kw3sh2sw2ph0pw1bias0"));
}

TEST(OnnxRuntimeOperators, ResizesWithChannelsBehind) {
  EXPECT_THAT(rows_of_one(node("Resize", {"x", "", "s"}, {"y"}, {text_attribute("mode", "linear")}),
                          {value("x", "1x9x17x3")}, {reals("s", {4}, {1, 2, 2, 1})}),
              ElementsAre("resample_linear mb1ic3ih9iw17oh18ow34"));
}

}  // namespace
}  // namespace flopmeter::onnx
