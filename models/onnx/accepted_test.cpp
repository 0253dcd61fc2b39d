// What operators are understood with: nothing of a node may be passed over.
#include "models/onnx/accepted.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/model.h"
#include "models/onnx/operator.h"
#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"

namespace flopmeter::onnx {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using ::testing::HasSubstr;

/// An operator that becomes a layer which does not exist would be counted as nothing.
TEST(OnnxAccepted, EveryRowNamesALayerThatThereIs) {
  for (const auto family : operator_families()) {
    for (const Operator& row : family) {
      EXPECT_TRUE(row.layer.empty() || models::layer_or_null(row.layer) != nullptr)
          << row.name << " becomes " << row.layer;
    }
  }
}

TEST(OnnxAccepted, EveryRowSaysWhichAttributesItUnderstands) {
  for (const auto family : operator_families()) {
    for (const Operator& row : family) {
      EXPECT_TRUE(has_accepted(row.domain, row.name)) << row.domain << " " << row.name;
    }
  }
}

TEST(OnnxAccepted, NamesOnlyOperatorsThatThereAre) {
  for (const Accepted& row : accepted_table()) {
    std::string_view names = row.operators;
    while (!names.empty()) {
      const std::size_t end = std::min(names.find(' '), names.size());
      EXPECT_NE(find_operator(row.domain, names.substr(0, end)), nullptr) << names.substr(0, end);
      names.remove_prefix(std::min(end + 1, names.size()));
    }
  }
}

/// Why y of one node is not counted; "counted" where it is.
std::string reason_of(const Message& only, std::int64_t version = 20) {
  const TemporaryFile file(model({.nodes = {only},
                                  .inputs = {value("x", "2x6x4x4"), value("z", "2x6x4x4")},
                                  .outputs = {value("y", "")},
                                  .initializers = {weight("w", {6, 6, 3, 3})}},
                                 version));
  for (const models::ModelNode& row : models::read_model_file(file.path(), {}).nodes) {
    if (row.name == "y") {
      return row.reason.empty() ? "counted" : row.reason;
    }
  }
  return "no row";
}

TEST(OnnxAccepted, LeavesOutAnAttributeThatTheOperatorDoesNotHave) {
  EXPECT_EQ(reason_of(node("Relu", {"x"}, {"y"})), "counted");
  EXPECT_THAT(reason_of(node("Relu", {"x"}, {"y"}, {real_attribute("slope", 0.5F)})),
              HasSubstr("its attribute 'slope' is not understood"));
  EXPECT_THAT(reason_of(node("MatMul", {"x", "z"}, {"y"}, {attribute("transB", 1)})),
              HasSubstr("'transB' is not understood"));
}

TEST(OnnxAccepted, LeavesOutAValueThatTheLayerDoesNotHave) {
  EXPECT_EQ(reason_of(node("Gelu", {"x"}, {"y"}, {text_attribute("approximate", "tanh")})),
            "counted");
  EXPECT_EQ(reason_of(node("Gelu", {"x"}, {"y"}, {text_attribute("approximate", "sigmoid")})),
            "its attribute 'approximate' is 'sigmoid': counted with none, tanh alone");
  EXPECT_EQ(reason_of(node("BatchNormalization", {"x", "z", "z", "z", "z"}, {"y"},
                           {attribute("spatial", 0)}),
                      7),
            "its attribute 'spatial' is 0: counted with 1 alone");
  EXPECT_THAT(reason_of(node("BitShift", {"x", "z"}, {"y"}, {text_attribute("direction", "UP")})),
              HasSubstr("'direction' is 'UP'"));
}

TEST(OnnxAccepted, LeavesOutAnInputThatTheOperatorDoesNotHave) {
  EXPECT_EQ(reason_of(node("Conv", {"x", "w", "", "z"}, {"y"})),
            "its input 3 ('z') is not understood");
}

/// A constant that is made in a way that is not understood is no constant.
TEST(OnnxAccepted, FoldsNothingThatItDoesNotUnderstand) {
  const TemporaryFile file(
      model({.nodes = {node("Mul", {"n", "n"}, {"m"}, {attribute("saturating", 1)}),
                       node("Expand", {"x", "m"}, {"y"})},
             .inputs = {value("x", "1")},
             .outputs = {value("y", "")},
             .initializers = {integers("n", {1}, {3})}}));
  const models::Model read = models::read_model_file(file.path(), {});
  EXPECT_THAT(read.nodes.at(0).reason, HasSubstr("'saturating'"));
  EXPECT_THAT(read.nodes.at(1).reason, HasSubstr("known during a run only"));
}

}  // namespace
}  // namespace flopmeter::onnx
