// Nodes that run, beside numbers worked out by hand: `--check` evaluates what the binders made of a file, and cannot find
// what they made wrong.
#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "kernels/bad_input.h"
#include "models/testing/run_by_hand.h"

namespace flopmeter::models {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pointwise;
using ::testing::ThrowsMessage;

constexpr int u8 = 2, s32 = 6, s64 = 7, boolean = 9;

/// `op` of x.
GraphParts of_one(const std::string& op, const std::string& dims,
                  const std::vector<Message>& attributes, int type = 1) {
  return {.nodes = {node(op, {"x"}, {"y"}, attributes)},
          .inputs = {value("x", dims, type)},
          .outputs = {value("y", "")}};
}

TEST(RunNumbers, IntegersWrapRoundInTypesThatDoNotHaveThem) {
  const auto cast = [](int to, const std::vector<double>& x) {
    return run_by_hand(of_one("Cast", std::to_string(x.size()), {attribute("to", to)}, s64),
                       {{"x", x}});
  };
  EXPECT_THAT(cast(u8, {-1, 300, 256, 5, -256}), ElementsAre(255, 44, 0, 5, 0));
  EXPECT_THAT(cast(3, {200, -129, -1, 127}), ElementsAre(-56, 127, -1, 127));
  EXPECT_THAT(cast(s32, {-7, 70000}), ElementsAre(-7, 70000));
  EXPECT_THAT(cast(boolean, {-2, 0, 3}), ElementsAre(1, 0, 1)) << "what is not 0 is true";
}

// A constant that the type does not have, which is not folded.
TEST(RunNumbers, ConstantsWrapRoundToo) {
  const GraphParts parts{
      .nodes = {node("Cast", {"c"}, {"b"}, {attribute("to", u8)}),
                node("Cast", {"b"}, {"f"}, {attribute("to", 1)}), node("Add", {"x", "f"}, {"y"})},
      .inputs = {value("x", "2")},
      .outputs = {value("y", "2")},
      .initializers = {integers("c", {2}, {-1, 300})}};
  EXPECT_THAT(run_by_hand(parts, {{"x", {0.5, 0}}}), ElementsAre(255.5, 44));
}

TEST(RunNumbers, RefusesSumsThatWrapRound) {
  const GraphParts parts{.nodes = {node("Sub", {"x", "c"}, {"y"})},
                         .inputs = {value("x", "2", u8)},
                         .outputs = {value("y", "2", u8)},
                         .initializers = {ones("c", {2})}};
  EXPECT_THAT(run_by_hand(parts, {{"x", {1, 255}}}), ElementsAre(0, 254));
  EXPECT_THAT(
      [&] {
        run_by_hand(parts, {{"x", {0, 255}}});
      },
      ThrowsMessage<BadInput>(HasSubstr("comes to -1, which is another number in uint8")));
}

TEST(RunNumbers, MeansOfIntegersAreCutTowardsZero) {
  const GraphParts parts =
      of_one("ReduceMean", "3x3", {attribute("axes", Sizes{1}), attribute("keepdims", 0)}, s64);
  EXPECT_THAT(run_by_hand(parts, {{"x", {-2, -2, -1, 7, 7, 7, 1, 1, 0}}}), ElementsAre(-1, 7, 0));
}

// exp(b log(a)) of negative numbers, and of 0 to the power of 0, is none.
TEST(RunNumbers, PowersOfNegativeNumbers) {
  const auto power = [](const std::vector<double>& x, const Message& exponent,
                        const std::string& dims) {
    return run_by_hand({.nodes = {node("Pow", {"x", "e"}, {"y"})},
                        .inputs = {value("x", dims)},
                        .outputs = {value("y", "")},
                        .initializers = {exponent}},
                       {{"x", x}});
  };
  EXPECT_THAT(power({-2, -2, 0, 0, -2}, integers("e", {5}, {3, 2, 0, 2, 0}), "5"),
              Pointwise(::testing::DoubleNear(1e-5), {-8, 4, 1, 0, 1}));
  EXPECT_THAT(power({-2, 4}, reals("e", {}, {-1}), "2"), ElementsAre(-0.5, 0.25));
  EXPECT_THAT(power({-2, 0}, reals("e", {}, {0}), "2"), ElementsAre(1, 1));
  EXPECT_TRUE(std::isnan(power({-2, 4}, reals("e", {2}, {0.5, 0.5}), "2")[0]));
  EXPECT_NEAR(power({-2, 4}, reals("e", {2}, {0.5, 1.5}), "2")[1], 8, 1e-5);
}

// 5 in windows of 3, steps of 2, one in front: rounded up the last window has one tap within.
TEST(RunNumbers, MeansCountNothingBehindThePadding) {
  GraphParts parts = of_one("AveragePool", "1x1x6",
                            {attribute("kernel_shape", Sizes{3}), attribute("strides", Sizes{2}),
                             attribute("pads", Sizes{1, 0}), attribute("ceil_mode", 1),
                             attribute("count_include_pad", 1)});
  EXPECT_THAT(run_by_hand(parts, {{"x", {3, 6, 9, 12, 15, 18}}}), ElementsAre(3, 9, 15))
      << "nothing hangs over: the first divides by padding";
  parts.inputs = {value("x", "1x1x5")};
  parts.nodes = {node("AveragePool", {"x"}, {"y"},
                      {attribute("kernel_shape", Sizes{4}), attribute("strides", Sizes{2}),
                       attribute("ceil_mode", 1), attribute("count_include_pad", 1)})};
  EXPECT_THAT(run_by_hand(parts, {{"x", {1, 2, 3, 4, 5}}}), ElementsAre(2.5, 4))
      << "3, 4 and 5: the fourth tap is neither input nor padding";
}

// As TensorFlow's layer norms are exported: statistics of the input itself.
TEST(RunNumbers, BatchNormOfAVarianceThatTheNetworkComputes) {
  const auto norm = [](float epsilon) {
    const GraphParts parts{
        .nodes = {node("ReduceMean", {"x"}, {"m"},
                       {attribute("axes", Sizes{0, 2}), attribute("keepdims", 0)}),
                  node("ReduceSumSquare", {"x"}, {"v"},
                       {attribute("axes", Sizes{0, 2}), attribute("keepdims", 0)}),
                  node("BatchNormalization", {"x", "s", "b", "m", "v"}, {"y"},
                       {real_attribute("epsilon", epsilon)})},
        .inputs = {value("x", "1x2x2")},
        .outputs = {value("y", "1x2x2")},
        .initializers = {reals("s", {2}, {1, 10}), reals("b", {2}, {0, 100})}};
    return run_by_hand(parts, {{"x", {1, 3, 0, 4}}});
  };
  // Means 2 and 2, sums of squares 10 and 16: deviations 4 and 5 with an epsilon of 6 and 9.
  const auto near = [](std::vector<double> all) {
    return Pointwise(::testing::DoubleNear(1e-4), std::move(all));
  };
  EXPECT_THAT(norm(6), near({-0.25, 0.25, 100 - 20 / std::sqrt(22), 100 + 20 / std::sqrt(22)}));
  EXPECT_THAT(norm(9), near({-1 / std::sqrt(19), 1 / std::sqrt(19), 96, 104}));
  EXPECT_THAT(norm(0), near({-1 / std::sqrt(10), 1 / std::sqrt(10), 95, 105}));
}

TEST(RunNumbers, AProductWithAConstantVector) {
  const GraphParts parts{.nodes = {node("MatMul", {"x", "w"}, {"y"})},
                         .inputs = {value("x", "2x3")},
                         .outputs = {value("y", "2")},
                         .initializers = {reals("w", {3}, {1, 10, 100})}};
  EXPECT_THAT(run_by_hand(parts, {{"x", {1, 2, 3, 4, 5, 6}}}), ElementsAre(321, 654));
}

// (code - 8) * scale in two blocks of two, the lower half of a byte first.
TEST(RunNumbers, WeightsOfFourBitsInBlocks) {
  const auto product = [](const Names& inputs, const std::vector<Message>& more) {
    GraphParts parts{.nodes = {node("MatMulNBits", inputs, {"y"},
                                    {attribute("K", 20), attribute("N", 2), attribute("bits", 4),
                                     attribute("block_size", 16)},
                                    "", "com.microsoft")},
                     .inputs = {value("x", "1x20")},
                     .outputs = {value("y", "")},
                     .initializers = {ones("w", {2, 2, 8}), reals("s", {4}, {1, 10, 100, 1000})}};
    parts.initializers.insert(parts.initializers.end(), more.begin(), more.end());
    std::vector<double> x(20, 0);
    x[0] = 1;
    x[17] = 0.5;
    return run_by_hand(parts, {{"x", x}});
  };
  // Bytes are 1: even weights have the code 1, odd ones 0.
  EXPECT_THAT(product({"x", "w", "s"}, {}),
              Pointwise(::testing::DoubleNear(1e-3),
                        {(1 - 8) + 0.5 * (0 - 8) * 10, (1 - 8) * 100 + 0.5 * (0 - 8) * 1000.0}));
  // Zero points are 1 for the first block of a row, 0 for the second.
  EXPECT_THAT(product({"x", "w", "s", "z"}, {ones("z", {2, 1})}),
              Pointwise(::testing::DoubleNear(1e-3), {0.0, 0.0}));
  EXPECT_THAT(product({"x", "w", "s", "z"}, {reals("z", {4}, {0, 2, 0, 4})}),
              Pointwise(::testing::DoubleNear(1e-3), {1 - 10.0, 100 - 2000.0}));
}

}  // namespace
}  // namespace flopmeter::models
