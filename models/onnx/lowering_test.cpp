// What nodes become, one by one: layer and shape of each row, with what operators do besides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"
#include "models/totals.h"

namespace flopmeter::onnx {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using ::testing::ElementsAre;
using ::testing::HasSubstr;

models::Model read_parts(const GraphParts& parts, std::int64_t version = 21) {
  const TemporaryFile file(model(parts, version));
  return models::read_model_file(file.path(), {});
}

/// "layer shape" of each row, its reason, or how it moves.
std::vector<std::string> rows_of(const GraphParts& parts, std::int64_t version = 21) {
  std::vector<std::string> rows;
  for (const models::ModelNode& node : read_parts(parts, version).nodes) {
    rows.push_back(node.layer != nullptr
                       ? fmt::format("{} {}", node.layer->name, node.layer->print(node.values))
                   : node.reason.empty() ? std::string(node.moves)
                                         : node.reason);
  }
  return rows;
}

GraphParts parts_of(const Message& only, std::vector<Message> inputs,
                    std::vector<Message> initializers = {}) {
  return {.nodes = {only},
          .inputs = std::move(inputs),
          .outputs = {value("y", "")},
          .initializers = std::move(initializers)};
}

Message four_bits(std::int64_t bits, const Names& inputs = {"x", "b", "s"}) {
  return node("MatMulNBits", inputs, {"y"},
              {attribute("K", 64), attribute("N", 48), attribute("bits", bits),
               attribute("block_size", 32)},
              "", "com.microsoft");
}

/// Weights in blocks are a layer of their own, and their bytes are those of the file, scales included.
TEST(OnnxLowering, CountsWeightsInBlocks) {
  const GraphParts parts =
      parts_of(four_bits(4), {value("x", "5x64")}, {ones("b", {48, 2, 16}), weight("s", {96})});
  EXPECT_THAT(rows_of(parts), ElementsAre("linear_n4bits mb5ic64oc48bias0"));
  const models::Model read = read_parts(parts);
  ASSERT_EQ(read.weights.size(), 1U);
  EXPECT_EQ(read.weights[0].name, "uint4 in blocks of 32");
  EXPECT_EQ(read.weights[0].elements, 64 * 48);
  EXPECT_EQ(read.weights[0].bytes(), 64 * 48 / 2 + 96 * 4);
  EXPECT_EQ(read.parameters, 64 * 48);
  EXPECT_EQ(models::totals_of(read, Pass::forward).dense.macs, 5 * 64 * 48);
}

TEST(OnnxLowering, CountsWeightsOfEightBitsWithZeroPoints) {
  EXPECT_THAT(rows_of(parts_of(four_bits(8, {"x", "b", "s", "z", "", "bias"}), {value("x", "5x64")},
                               {ones("b", {48, 2, 32}), weight("s", {96}), ones("z", {96}),
                                weight("bias", {48})})),
              ElementsAre("linear_n8bits mb5ic64oc48zp1"));
  EXPECT_THAT(rows_of(parts_of(four_bits(2), {value("x", "5x64")},
                               {ones("b", {48, 2, 8}), weight("s", {96})})),
              ElementsAre("its attribute 'bits' is 2: counted with 4, 8 alone"));
}

TEST(OnnxLowering, CountsWhatQuantisedConvolutionsDoBesides) {
  const Message conv = node("QLinearConv", {"x", "xs", "xz", "w", "ws", "wz", "ys", "yz"}, {"y"});
  EXPECT_THAT(
      rows_of(parts_of(conv, {value("x", "1x2x5x5", 2)},
                       {reals("xs", {}, {1}), ones("xz", {}), ones("w", {4, 2, 3, 3}),
                        weight("ws", {4}), ones("wz", {4}), reals("ys", {}, {1}), ones("yz", {})})),
      ElementsAre("conv2d mb1ic2ih5oc4oh3kh3ph0bias0", "sub 2x5x5:1x1x1",
                  "quantize 4x3x3:4x1x1:1x1x1"));
}

TEST(OnnxLowering, CountsTheFactorOfFusedProducts) {
  EXPECT_THAT(rows_of(parts_of(node("FusedMatMul", {"x", "z"}, {"y"},
                                    {real_attribute("alpha", 0.125F), attribute("transB", 1)}, "",
                                    "com.microsoft"),
                               {value("x", "2x3x4"), value("z", "2x5x4")})),
              ElementsAre("matmul 2x3x4:2x4x5", "mul 30:1"));
}

TEST(OnnxLowering, CountsAScaleWithoutAShift) {
  EXPECT_THAT(rows_of(parts_of(node("LayerNormalization", {"x", "w"}, {"y"}), {value("x", "2x3x4")},
                               {weight("w", {4})})),
              ElementsAre("layernorm mb6c4affine0", "mul 2x3x4:1x1x4"));
}

/// Opset 18 has a scale for each group.
TEST(OnnxLowering, TellsGroupNormsApartByTheirScales) {
  const auto norm = [](std::int64_t scales) {
    return parts_of(
        node("GroupNormalization", {"x", "w", "b"}, {"y"}, {attribute("num_groups", 2)}),
        {value("x", "1x4x3x3")}, {weight("w", {scales}), weight("b", {scales})});
  };
  EXPECT_THAT(rows_of(norm(4)), ElementsAre("groupnorm g2mb1ic4ih3"));
  EXPECT_THAT(rows_of(norm(2), 18),
              ElementsAre("groupnorm g2mb1ic4ih3affine0", "mul 2x18:2x1", "add 2x18:2x1"));
}

GraphParts lstm(std::vector<Message> attributes, const Names& inputs = {"x", "w", "r"}) {
  return parts_of(node("LSTM", inputs, {"y"}, attributes),
                  {value("x", "7x3x4"), value("l", "3", 6)},
                  {weight("w", {1, 20, 4}), weight("r", {1, 20, 5}), weight("p", {1, 15})});
}

std::string first_reason(const GraphParts& parts) { return read_parts(parts).nodes.front().reason; }

TEST(OnnxLowering, SaysWhatOfARecurrentLayerIsNotCounted) {
  EXPECT_EQ(first_reason(lstm({texts_attribute("activations", {"Sigmoid", "Tanh", "Tanh"})})), "");
  EXPECT_THAT(first_reason(lstm({texts_attribute("activations", {"Tanh", "Tanh", "Tanh"})})),
              HasSubstr("its activation 'Tanh' is counted as sigmoid"));
  EXPECT_THAT(first_reason(lstm({attribute("input_forget", 1)})), HasSubstr("'input_forget' is 1"));
  EXPECT_THAT(first_reason(lstm({}, {"x", "w", "r", "", "", "", "", "p"})), HasSubstr("peephole"));
  EXPECT_THAT(first_reason(lstm({real_attribute("clip", 3)})), HasSubstr("clip"));
}

/// A batch of sequences that only a run knows the lengths of is counted as one of full length, which is
/// said; known lengths are counted as such.
TEST(OnnxLowering, CountsStepsOfShorterSequences) {
  const models::Model open = read_parts(lstm({}, {"x", "w", "r", "", "l"}));
  EXPECT_TRUE(models::totals_of(open, Pass::forward).whole);
  ASSERT_EQ(open.remarks.size(), 1U);
  EXPECT_THAT(open.remarks[0],
              HasSubstr("7 steps of each are counted, a run does so many at the most"));
  GraphParts known = lstm({}, {"x", "w", "r", "", "lengths"});
  Message lengths = Message().number(1, 3).number(2, 6).text(8, "lengths");
  Message raw;
  for (const std::int32_t length : {6, 2, 1}) {
    raw.append(length);
  }
  known.initializers.push_back(lengths.text(9, raw.bytes()));
  EXPECT_THAT(rows_of(known), ElementsAre("lstm l1t6mb3slc4dhc5bias0tokens9"));
}

TEST(OnnxLowering, CountsAdditionsOfScatters) {
  const auto scatter = [](std::vector<Message> attributes) {
    return parts_of(node("ScatterND", {"x", "i", "u"}, {"y"}, attributes),
                    {value("x", "4x5"), value("i", "2x1", 7), value("u", "2x5")});
  };
  EXPECT_THAT(rows_of(scatter({})), ElementsAre("scatter"));
  EXPECT_THAT(rows_of(scatter({text_attribute("reduction", "add")})), ElementsAre("add 2x5:2x5"));
}

TEST(OnnxLowering, RepeatsWhatIsExpanded) {
  const auto expand = [](std::string_view dims, Sizes to) {
    return parts_of(node("Expand", {"x", "s"}, {"y"}), {value("x", dims)},
                    {integers("s", {static_cast<std::int64_t>(to.size())}, to)});
  };
  EXPECT_THAT(rows_of(expand("1x3", {4, 2, 3})), ElementsAre("broadcast_to 1x1x3:4x2x3"));
  EXPECT_THAT(rows_of(expand("2x3", {1, 2, 3})), ElementsAre("view"));
}

TEST(OnnxLowering, SaysWhatResizesItDoesNotCount) {
  const auto resize = [](std::vector<Message> attributes) {
    attributes.push_back(text_attribute("mode", "linear"));
    return parts_of(node("Resize", {"x", "", "s"}, {"y"}, attributes), {value("x", "1x2x4x4")},
                    {reals("s", {4}, {1, 1, 2, 2})});
  };
  EXPECT_THAT(rows_of(resize({})), ElementsAre(HasSubstr("resample_linear mb1ic2ih4iw4oh8ow8")));
  EXPECT_THAT(rows_of(resize({attribute("antialias", 1)})),
              ElementsAre(HasSubstr("'antialias' is 1")));
  EXPECT_THAT(
      rows_of(resize({text_attribute("coordinate_transformation_mode", "tf_crop_and_resize")})),
      ElementsAre(HasSubstr("region that is cut out")));
}

TEST(OnnxLowering, CountsQuantisedFunctionsAmongReals) {
  const Message sigmoid =
      node("QLinearSigmoid", {"x", "s", "z", "s", "z"}, {"y"}, {}, "", "com.microsoft");
  EXPECT_THAT(
      rows_of(parts_of(sigmoid, {value("x", "2x3", 2)}, {reals("s", {}, {1}), ones("z", {})})),
      ElementsAre("dequantize 2x3:1x1:1x1", "sigmoid mb1ic6", "quantize 2x3:1x1:1x1"));
}

/// Two axes for one: blocks, and places in them.
TEST(OnnxLowering, DequantisesBlocks) {
  EXPECT_THAT(rows_of(parts_of(node("DequantizeLinear", {"x", "s"}, {"y"},
                                    {attribute("axis", 1), attribute("block_size", 4)}),
                               {value("x", "3x8", 2), value("s", "3x2")})),
              ElementsAre("dequantize 3x2x4:3x2x1:1x1x1"));
}

TEST(OnnxLowering, CountsMovedConvolutionsWithTheirBias) {
  const auto conv = [](const Names& inputs) {
    return parts_of(node("DeformConv", inputs, {"y"}, {attribute("pads", Sizes{1, 1, 1, 1})}),
                    {value("x", "1x2x5x5"), value("o", "1x18x5x5")},
                    {weight("w", {4, 2, 3, 3}), weight("b", {4})});
  };
  EXPECT_THAT(rows_of(conv({"x", "w", "o"})), ElementsAre(HasSubstr("mask0bias0")));
  EXPECT_THAT(rows_of(conv({"x", "w", "o", "b"})),
              ElementsAre(AllOf(HasSubstr("deform_conv2d mb1ic2ih5iw5oc4kh3kw3sw1ph1pw1"),
                                HasSubstr("mask0"), Not(HasSubstr("bias0")))));
}

TEST(OnnxLowering, TakesEinsumsApart) {
  const auto einsum = [](std::string_view equation, std::string_view a, std::string_view b) {
    return parts_of(node("Einsum", {"x", "z"}, {"y"}, {text_attribute("equation", equation)}),
                    {value("x", a), value("z", b)});
  };
  EXPECT_THAT(rows_of(einsum("bij,bjk->bik", "2x3x4", "2x4x5")), ElementsAre("matmul 2x3x4:2x4x5"));
  EXPECT_THAT(rows_of(einsum("ij,k->k", "3x4", "5")), ElementsAre("einsum ms,n->mn:1x12:5"));
  EXPECT_THAT(rows_of(einsum("ii,k->k", "3x3", "5")), ElementsAre("einsum ms,n->mn:1x3:5"));
  // An axis of 1 is repeated: 6 products of 4 numbers, for each of two samples.
  EXPECT_THAT(rows_of(einsum("bik,bkj->bij", "1x3x4", "2x4x2")), ElementsAre("matmul 3x4:4x4"));
}

/// Three operands: i,k and j,k,l are multiplied for each of 2 x 3 x 5 x 7, then l is summed.
TEST(OnnxLowering, MultipliesEinsumsFromTheLeft) {
  const models::Model read = read_parts(parts_of(
      node("Einsum", {"a", "b", "c"}, {"y"}, {text_attribute("equation", "ik,jkl,il->ij")}),
      {value("a", "2x3"), value("b", "5x3x7"), value("c", "2x7")}));
  EXPECT_EQ(models::totals_of(read, Pass::forward).dense.macs, 2 * 3 * 5 * 7 + 2 * 5 * 7);
  EXPECT_THAT(read.remarks, ::testing::Contains(HasSubstr("from the left to the right")));
}

/// 2 x 2 outputs of 3 channels. A place: 2 coordinates of add, mul, sub, div, floor, fraction and
/// complement, 4 weights; a value: 4 products, 3 sums.
TEST(OnnxLowering, CountsGridSample) {
  const auto counts = [](std::string_view mode, std::int64_t corners) {
    const models::Totals totals = models::totals_of(
        read_parts(
            parts_of(node("GridSample", {"x", "g"}, {"y"},
                          {text_attribute("mode", mode), attribute("align_corners", corners)}),
                     {value("x", "1x3x8x8"), value("g", "1x2x2x2")})),
        Pass::forward);
    EXPECT_TRUE(totals.whole) << mode;
    return totals.dense;
  };
  EXPECT_EQ(counts("linear", 0), (OpCounts{.multiplies = 4 * (2 + 4) + 12 * 4,
                                           .adds = 4 * 2 * 4 + 12 * 3,
                                           .divides = 4 * 2,
                                           .roundings = 4 * 2}));
  EXPECT_EQ(counts("bilinear", 1).adds, 4 * 2 * 3 + 12 * 3);
  EXPECT_EQ(counts("nearest", 0).adds, 4 * 2 * 2);
  EXPECT_THAT(
      rows_of(parts_of(node("GridSample", {"x", "g"}, {"y"}, {text_attribute("mode", "cubic")}),
                       {value("x", "1x3x8x8"), value("g", "1x2x2x2")})),
      ElementsAre(HasSubstr("mode cubic")));
}

/// A last block of two of five, with scales of its own.
TEST(OnnxLowering, DequantizesLastBlocksThatAreNotFull) {
  EXPECT_THAT(
      rows_of(parts_of(node("DequantizeLinear", {"x", "s"}, {"y"},
                            {attribute("axis", 1), attribute("block_size", 3)}),
                       {value("x", "2x5x4", 3), value("s", "2x2x4")})),
      ElementsAre(HasSubstr("dequantize 2x1x3x4:2x1x1x4"), HasSubstr("dequantize 2x2x4:2x1x4")));
}

/// Some tools leave the domain out.
TEST(OnnxLowering, KnowsRuntimeOperatorsWithoutTheirDomain) {
  EXPECT_THAT(rows_of(parts_of(node("QuickGelu", {"x"}, {"y"}), {value("x", "2x3")})),
              ElementsAre(HasSubstr("quick_gelu")));
  EXPECT_THAT(rows_of(parts_of(node("BiasSplitGelu", {"x", "b"}, {"y"}, {}, "", "com.microsoft"),
                               {value("x", "2x8"), value("b", "8")})),
              ElementsAre("add 2x8:1x8", "gelu_erf mb1ic8", "mul 2x4:2x4"));
  EXPECT_THAT(
      rows_of(parts_of(
          node("SkipGroupNorm", {"x", "w", "b", "s"}, {"y", "sum"},
               {attribute("groups", 2), attribute("activation", 1)}, "", "com.microsoft"),
          {value("x", "1x4x4x6"), value("s", "1x6")}, {weight("w", {6}), weight("b", {6})})),
      ElementsAre(HasSubstr("groupnorm g2mb1ic6ih4"), HasSubstr("silu"),
                  HasSubstr("add 4x4x6:1x1x6")));
}

/// Padding as PyTorch writes it: pairs from the last axis on, turned round through a matrix.
TEST(OnnxLowering, FoldsThePaddingOfPyTorch) {
  GraphParts parts{
      .nodes = {node("Reshape", {"p", "pairs"}, {"a"}),
                node("Slice", {"a", "last", "first", "zero", "back"}, {"b"}),
                node("Transpose", {"b"}, {"c"}, {attribute("perm", Sizes{1, 0})}),
                node("Reshape", {"c", "back"}, {"d"}), node("Pad", {"x", "d"}, {"y"})},
      .inputs = {value("x", "2x10")},
      .outputs = {value("y", "")},
      .initializers = {integers("p", {4}, {1, 2, 0, 3}), integers("pairs", {2}, {-1, 2}),
                       integers("last", {1}, {-1}), integers("first", {1}, {-9223372036854775807}),
                       integers("zero", {1}, {0}), integers("back", {1}, {-1})}};
  parts.nodes.push_back(node("Relu", {"y"}, {"z"}));
  EXPECT_THAT(rows_of(parts).back(), HasSubstr("relu mb1ic65"));
}

/// Branches have no inputs; what some tools list is what they see.
TEST(OnnxLowering, SeesThroughInputsOfBranches) {
  const auto branch = [](std::string_view op) {
    return graph({.nodes = {node(op, {"x"}, {"r"})},
                  .inputs = {value("x", "2x3")},
                  .outputs = {value("r", "")}});
  };
  EXPECT_THAT(
      rows_of({.nodes = {node("If", {"c"}, {"y"},
                              {graph_attribute("then_branch", branch("Relu")),
                               graph_attribute("else_branch", branch("Tanh"))})},
               .inputs = {value("c", "", 9), value("x", "2x3")},
               .outputs = {value("y", "")}}),
      ElementsAre(HasSubstr("its condition"), HasSubstr("relu mb1ic6"), HasSubstr("tanh mb1ic6")));
}

TEST(OnnxLowering, RotatesAsManyFeaturesAsItsTableHas) {
  const Message attention = node("GroupQueryAttention",
                                 {"q", "k", "v", "pk", "pv", "n", "t", "c", "s"}, {"y", "nk", "nv"},
                                 {attribute("num_heads", 4), attribute("kv_num_heads", 2),
                                  attribute("do_rotary", 1), real_attribute("softcap", 50)},
                                 "", "com.microsoft");
  EXPECT_THAT(rows_of(parts_of(attention,
                               {value("q", "1x3x32"), value("k", "1x3x16"), value("v", "1x3x16"),
                                value("pk", "1x2x6x8"), value("pv", "1x2x6x8"), value("n", "1", 6),
                                value("t", "1", 6), value("c", "64x2"), value("s", "64x2")})),
              ElementsAre("rotary mb1l3h4d8rot4", "rotary mb1l3h2d8rot4",
                          AllOf(HasSubstr("sdpa"), HasSubstr("lq3lk9"), HasSubstr("softcap"))));
}

TEST(OnnxLowering, PlacesTheCausalCornerAsItsOperatorSays) {
  EXPECT_THAT(
      rows_of(parts_of(node("Attention", {"q", "k", "v"}, {"y"}, {attribute("is_causal", 1)}),
                       {value("q", "1x2x3x8"), value("k", "1x2x5x8"), value("v", "1x2x5x8")}),
              23),
      ElementsAre(HasSubstr("topleft1")));
}

TEST(OnnxLowering, KnowsNoCumulativeProduct) {
  EXPECT_THAT(rows_of(parts_of(node("CumProd", {"x", "a"}, {"y"}), {value("x", "2x3")},
                               {integers("a", {}, {0})})),
              ElementsAre("no layer counts CumProd"));
}

// 5 places of two blocks of 3 taps that lie 2 apart: one of them is reached twice, for each of 2 x 3 images.
TEST(OnnxLowering, CountsSumsOfBlocksThatOverlap) {
  const auto col = [](std::int64_t stride, std::int64_t blocks) {
    return rows_of(parts_of(node("Col2Im", {"x", "s", "k"}, {"y"},
                                 {attribute("strides", std::vector<std::int64_t>{1, stride})}),
                            {value("x", fmt::format("2x9x{}", blocks))},
                            {integers("s", {2}, {1, 5}), integers("k", {2}, {1, 3})}));
  };
  EXPECT_THAT(col(2, 2), ElementsAre("add 6:6"));
  EXPECT_THAT(col(1, 3), ElementsAre("add 24:24"));  // 9 taps, 5 places
}

// Grids of 4 x 5 places and a 1 behind them, times a matrix of 3 x 2 for each of 2 samples.
TEST(OnnxLowering, CountsAffineGridsAsProducts) {
  EXPECT_THAT(rows_of(parts_of(node("AffineGrid", {"x", "size"}, {"y"}), {value("x", "2x2x3")},
                               {integers("size", {4}, {2, 7, 4, 5})})),
              ElementsAre("matmul 2x20x3:2x3x2"));
}

// 16 real numbers times cosines and sines of 9 frequencies; the same back from 16 complex ones, divided by 16.
TEST(OnnxLowering, CountsTransformsAsTheirDefinition) {
  const auto dft = [](std::string_view x, std::vector<Message> attributes) {
    return rows_of(parts_of(node("DFT", {"x"}, {"y"}, std::move(attributes)), {value("x", x)}), 17);
  };
  EXPECT_THAT(dft("3x16x1", {attribute("onesided", 1)}), ElementsAre("matmul 3x16:16x18"));
  EXPECT_THAT(dft("3x16x2", {attribute("inverse", 1)}),
              ElementsAre("matmul 3x32:32x32", "div 96:1"));
  EXPECT_THAT(dft("3x9x2", {attribute("inverse", 1), attribute("onesided", 1)}),
              ElementsAre("no layer counts the inverse of one side"));
  const GraphParts stft =
      parts_of(node("STFT", {"x", "step", "w"}, {"y"}), {value("x", "2x20x1"), value("w", "8")},
               {integers("step", {}, {4})});
  EXPECT_THAT(rows_of(stft), ElementsAre("mul 8x8x1:1x8x1", "matmul 8x8:8x10"));
  EXPECT_THAT(read_parts(stft).remarks,
              ElementsAre(HasSubstr("of which a fast transform takes fewer")));
}

// 2 regions of 3 x 3 bins with 2 x 2 samples each, 4 pixels around every sample.
TEST(OnnxLowering, CountsRegionsOfInterest) {
  const auto roi = [](std::vector<Message> attributes) {
    attributes.push_back(attribute("output_height", 3));
    attributes.push_back(attribute("output_width", 3));
    return rows_of(parts_of(node("RoiAlign", {"x", "r", "i"}, {"y"}, std::move(attributes)),
                            {value("x", "1x5x9x9"), value("r", "2x4"), value("i", "2", 7)}));
  };
  EXPECT_THAT(roi({attribute("sampling_ratio", 2)}),
              ElementsAre("mul 2x4:1x1", "sub 2x4:1x1", "sub 2x2:2x2", "div 2x2:1x2", "mul 24:24",
                          "add 24:24", "floor mb1ic144", "sub 72x2:72x2", "sub 1x1:72x2",
                          "mul 72x4:72x4", "mul 90x16:90x16", "reduce_sum 90x16:90x1", "div 90:1"));
  EXPECT_THAT(roi({}), ElementsAre("it takes as many samples as the size of each region asks for"));
}

TEST(OnnxLowering, CountsNormsOfWindows) {
  const auto pool = [](std::int64_t p, std::vector<std::int64_t> pads) {
    return rows_of(parts_of(
        node("LpPool", {"x"}, {"y"},
             {attribute("p", p), attribute("kernel_shape", std::vector<std::int64_t>{2, 3}),
              attribute("pads", pads)}),
        {value("x", "1x5x4x4")}));
  };
  EXPECT_THAT(pool(2, {0, 0, 0, 0}), ElementsAre("reduce_l2 30x6:30x1"));
  EXPECT_THAT(pool(1, {0, 0, 0, 0}), ElementsAre("reduce_l1 30x6:30x1"));
  EXPECT_THAT(pool(3, {0, 0, 0, 0}), ElementsAre("no layer counts a norm of p = 3"));
  EXPECT_THAT(pool(2, {0, 1, 0, 0}),
              ElementsAre("no layer counts norms of windows that reach beyond the edge"));
}

}  // namespace
}  // namespace flopmeter::onnx
