// Rules beside reshapes: what counts of elements cannot tell apart.
#include <gmock/gmock.h>

#include "models/chain/random_numbers.h"
#include "models/testing/chain_difference.h"
#include "models/testing/onnx_writer.h"
#include "models/testing/temporary_file.h"

namespace flopmeter::models::reshaped {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

Message some(std::string_view name, const Sizes& dims) {
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) {
    count *= dim;
  }
  return reals(name, dims, random_numbers(name, 3, count, {0.5, 1.5}));
}

/// What the chain of a file computes otherwise than the file, and the rules that it was made by.
struct Made {
  std::string difference;
  std::vector<std::string> rules;
};

Made made(const GraphParts& parts) {
  const TemporaryFile written(model(parts));
  const NetworkFile file = read_network(written.path(), {});
  Made all{difference(file), {}};
  const Chain chain = make_chain(file, Dtype::f32);
  for (const auto& node : chain.nodes) {
    all.rules.insert(all.rules.end(), node.rules.begin(), node.rules.end());
  }
  return all;
}

/// A norm of x (6 x 6) over one axis, taken apart.
GraphParts norm_over(std::int64_t axis, std::int64_t keepdims) {
  const std::vector<Message> mean{attribute("axes", Sizes{axis}), attribute("keepdims", keepdims)};
  return {.nodes = {node("ReduceMean", {"x"}, {"m"}, mean), node("Sub", {"x", "m"}, {"c"}),
                    node("Mul", {"c", "c"}, {"s"}), node("ReduceMean", {"s"}, {"v"}, mean),
                    node("Add", {"v", "e"}, {"w"}), node("Sqrt", {"w"}, {"r"}),
                    node("Div", {"c", "r"}, {"q"}), node("Mul", {"q", "g"}, {"t"}),
                    node("Add", {"t", "b"}, {"y"})},
          .inputs = {value("x", "6x6")},
          .outputs = {value("y", "6x6")},
          .initializers = {reals("e", {}, {1e-5F}), some("g", {6}), some("b", {6})}};
}

// A square looks the same from both sides.
TEST(RulesBesideReshapes, ANormIsOfTheLastDimension) {
  const Made last = made(norm_over(-1, 1));
  EXPECT_THAT(last.difference, IsEmpty());
  EXPECT_THAT(last.rules, Contains("layer norm"));
  for (const auto& [axis, keepdims] : {std::pair{0, 1}, {-1, 0}, {0, 0}}) {
    const Made other = made(norm_over(axis, keepdims));
    EXPECT_THAT(other.difference, IsEmpty()) << axis << keepdims;
    EXPECT_THAT(other.rules, Not(Contains("layer norm"))) << axis << keepdims;
  }
}

TEST(RulesBesideReshapes, ABatchNormIsOfTheConvolutionsChannels) {
  const auto network = [](const Sizes& dims) {
    return GraphParts{
        .nodes = {node("Conv", {"x", "w"}, {"c"}), node("Reshape", {"c", "dims"}, {"r"}),
                  node("BatchNormalization", {"r", "s", "t", "m", "v"}, {"y"})},
        .inputs = {value("x", "2x3x8x8")},
        .outputs = {value("y", "")},
        .initializers = {some("w", {8, 3, 1, 1}), integers("dims", {std::ssize(dims)}, dims),
                         some("s", {8}), some("t", {8}), some("m", {8}), some("v", {8})}};
  };
  const Made other = made(network({16, 8, 8}));
  EXPECT_THAT(other.difference, IsEmpty());
  EXPECT_THAT(other.rules, Not(Contains("batch norm")));
  EXPECT_THAT(made(network({2, 8, 8, 8})).rules, Contains("batch norm"));
}

TEST(RulesBesideReshapes, ABiasIsOfTheConvolutionsChannels) {
  const GraphParts parts{
      .nodes = {node("Conv", {"x", "w"}, {"c"}), node("Reshape", {"c", "dims"}, {"r"}),
                node("Add", {"r", "b"}, {"y"})},
      .inputs = {value("x", "2x3x8x8")},
      .outputs = {value("y", "")},
      .initializers = {some("w", {8, 3, 1, 1}), integers("dims", {3}, {16, 8, 8}),
                       some("b", {8, 1})}};
  EXPECT_THAT(made(parts).difference, IsEmpty());
  EXPECT_THAT(made(parts).rules, Not(Contains("bias")));
}

// x * sigmoid(x) of each with each.
TEST(RulesBesideReshapes, AGateIsOfTheSameElements) {
  const GraphParts parts{.nodes = {node("Reshape", {"x", "column"}, {"a"}),
                                   node("Sigmoid", {"a"}, {"s"}), node("Mul", {"s", "x"}, {"y"})},
                         .inputs = {value("x", "1x8")},
                         .outputs = {value("y", "8x8")},
                         .initializers = {integers("column", {2}, {8, 1})}};
  EXPECT_THAT(made(parts).difference, IsEmpty());
  EXPECT_THAT(made(parts).rules, IsEmpty());
}

TEST(RulesBesideReshapes, AClipWhoseBoundsAreTheWrongWayRoundStaysByItself) {
  const GraphParts parts{
      .nodes = {node("Conv", {"x", "w"}, {"c"}), node("Clip", {"c", "a", "b"}, {"y"})},
      .inputs = {value("x", "1x3x4x4")},
      .outputs = {value("y", "")},
      .initializers = {some("w", {8, 3, 1, 1}), reals("a", {}, {1}), reals("b", {}, {-1})}};
  EXPECT_THAT(made(parts).difference, IsEmpty());
  EXPECT_THAT(made(parts).rules, IsEmpty());
}

}  // namespace
}  // namespace flopmeter::models::reshaped
