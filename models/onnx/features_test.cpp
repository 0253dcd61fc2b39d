// Operators of older tools, and tensors out of nothing, by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/testing/run_by_hand.h"
#include "models/totals.h"

namespace flopmeter::onnx {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using ::testing::ElementsAre;
using ::testing::HasSubstr;

GraphParts of_one(const Message& only, const std::string& dims) {
  return {.nodes = {only}, .inputs = {value("x", dims)}, .outputs = {value("y", "")}};
}

/// "layer shape" of the rows that are counted, or the reason.
std::vector<std::string> rows_of_features(const GraphParts& parts) {
  const TemporaryFile file(model(parts, 9));
  std::vector<std::string> rows;
  for (const models::ModelNode& row : models::read_model_file(file.path(), {}).nodes) {
    rows.push_back(row.layer == nullptr
                       ? row.reason
                       : fmt::format("{} {}", row.layer->name, row.layer->print(row.values)));
  }
  return rows;
}

TEST(OnnxFeatures, PixelsAreScaledShiftedAndCropped) {
  const Message scaled = node("ImageScaler", {"x"}, {"y"},
                              {real_attribute("scale", 2), reals_attribute("bias", {1, -1})});
  EXPECT_THAT(run_by_hand(of_one(scaled, "1x2x1x2"), {{"x", {1, 2, 3, 4}}}),
              ElementsAre(3, 5, 5, 7));
  const Message affine =
      node("Affine", {"x"}, {"y"}, {real_attribute("alpha", 3), real_attribute("beta", 0.5F)});
  EXPECT_THAT(run_by_hand(of_one(affine, "2"), {{"x", {1, -1}}}), ElementsAre(3.5, -2.5));
  const Message sides = node("Crop", {"x"}, {"y"}, {attribute("border", Sizes{1, 0, 0, 1})});
  EXPECT_THAT(run_by_hand(of_one(sides, "1x1x2x3"), {{"x", {0, 1, 2, 3, 4, 5}}}), ElementsAre(1, 2))
      << "left, top, right, bottom";
  const Message sized =
      node("Crop", {"x"}, {"y"},
           {attribute("border", Sizes{1, 1, 0, 0}), attribute("scale", Sizes{1, 2})});
  EXPECT_THAT(run_by_hand(of_one(sized, "1x1x2x3"), {{"x", {0, 1, 2, 3, 4, 5}}}),
              ElementsAre(4, 5));
}

TEST(OnnxFeatures, ColumnsAreScaled) {
  const Message scaler =
      node("Scaler", {"x"}, {"y"},
           {reals_attribute("offset", {1, 2}), reals_attribute("scale", {10})}, "", "ai.onnx.ml");
  EXPECT_THAT(run_by_hand(of_one(scaler, "2x2"), {{"x", {1, 2, 3, 4}}}), ElementsAre(0, 0, 20, 20));
  EXPECT_THAT(rows_of_features(of_one(scaler, "4x2")), ElementsAre("sub 4x2:1x2", "mul 4x2:1x1"));
}

// What follows a tree is counted, and the tree is a row with its reason.
TEST(OnnxFeatures, ClassicModelsHaveShapes) {
  const Message linear =
      node("LinearRegressor", {"x"}, {"t"},
           {reals_attribute("coefficients", {1, 2, 3, 4, 5, 6}), attribute("targets", 2)}, "",
           "ai.onnx.ml");
  const Message tree =
      node("TreeEnsembleRegressor", {"t"}, {"u"}, {attribute("n_targets", 3)}, "", "ai.onnx.ml");
  EXPECT_THAT(rows_of_features({.nodes = {linear, tree, node("Relu", {"u"}, {"y"})},
                                .inputs = {value("x", "5x3")},
                                .outputs = {value("y", "")}}),
              ElementsAre("linear mb5ic3oc2bias0", HasSubstr("compares as its data asks for"),
                          HasSubstr("relu")));
}

// More elements than shapes are computed with.
TEST(OnnxGenerators, LargeConstantsRun) {
  const GraphParts parts{
      .nodes = {node("ConstantOfShape", {"dims"}, {"w"},
                     {tensor_attribute("value", reals("value", {1}, {0.5F}))}),
                node("Range", {"start", "limit", "step"}, {"r"}), node("Mul", {"w", "r"}, {"wr"}),
                node("Add", {"wr", "x"}, {"all"}),
                node("ReduceMax", {"all"}, {"y"}, {attribute("keepdims", 0)})},
      .inputs = {value("x", "1")},
      .outputs = {value("y", "")},
      .initializers = {integers("dims", {1}, {20000}), reals("start", {}, {1}),
                       reals("limit", {}, {40001}), reals("step", {}, {2})}};
  EXPECT_THAT(run_by_hand(parts, {{"x", {1}}}), ElementsAre(0.5 * 39999 + 1));
}

}  // namespace
}  // namespace flopmeter::onnx
