// ONNX Runtime's operators between small integers with scales and zero points, beside numbers worked out by hand.
#include <gmock/gmock.h>

#include "models/testing/run_by_hand.h"

namespace flopmeter::models {
namespace {

using namespace flopmeter::testing;  // NOLINT: the writer's words
using ::testing::ElementsAre;
using ::testing::Pointwise;

constexpr int byte = 2;

/// An operator of x, whose scale is 0.5 and zero point 1; the result's stand behind.
std::vector<double> of_one(const std::string& op, const std::string& dims,
                           const std::vector<Message>& attributes, float scale, std::int64_t zero,
                           const std::vector<double>& x) {
  return run_by_hand(
      {.nodes = {node(op, {"x", "s", "z", "sy", "zy"}, {"y"}, attributes, "", "com.microsoft")},
       .inputs = {value("x", dims, byte)},
       .outputs = {value("y", "", byte)},
       .initializers = {reals("s", {}, {0.5}), ones("z", {}), reals("sy", {}, {scale}),
                        integers("zy", {1}, {zero})}},
      {{"x", x}});
}

TEST(RunScaledIntegers, SumsOfScaledIntegers) {
  const GraphParts parts{
      .nodes = {node("QLinearAdd", {"x", "s", "z", "c", "sc", "", "sy", "zy"}, {"y"}, {}, "",
                     "com.microsoft")},
      .inputs = {value("x", "4", byte)},
      .outputs = {value("y", "4", byte)},
      .initializers = {reals("s", {}, {0.5}), ones("z", {}), ones("c", {4}), reals("sc", {}, {3}),
                       reals("sy", {}, {2}), ones("zy", {})}};
  // (0.5 (x - 1) + 3) / 2 + 1
  EXPECT_THAT(run_by_hand(parts, {{"x", {0, 7, 13, 255}}}), ElementsAre(2, 4, 5, 66));
}

TEST(RunScaledIntegers, MeansOfScaledIntegersOverAPlane) {
  const GraphParts parts{
      .nodes = {node("QLinearGlobalAveragePool", {"x", "s", "z", "sy", "z"}, {"y"}, {}, "",
                     "com.microsoft")},
      .inputs = {value("x", "1x1x2x2", byte)},
      .outputs = {value("y", "", byte)},
      .initializers = {reals("s", {}, {0.5}), ones("z", {}), reals("sy", {}, {0.25})}};
  EXPECT_THAT(run_by_hand(parts, {{"x", {1, 3, 5, 11}}}), ElementsAre(9));
}

// One scale a column of B, which stands turned; C has the scale of the sums.
TEST(RunScaledIntegers, ProductsOfScaledIntegers) {
  const GraphParts parts{.nodes = {node("QGemm", {"x", "s", "z", "w", "sw", "", "c"}, {"y"},
                                        {attribute("transB", 1)}, "", "com.microsoft")},
                         .inputs = {value("x", "1x2", byte)},
                         .outputs = {value("y", "")},
                         .initializers = {reals("s", {}, {0.5}), ones("z", {}), ones("w", {2, 2}),
                                          reals("sw", {2}, {1, 10}), integers("c", {2}, {4, 6})}};
  EXPECT_THAT(run_by_hand(parts, {{"x", {3, 5}}}), ElementsAre(3 + 2, 30 + 30));
}

TEST(RunScaledIntegers, JoinsIntegersOfSeveralScales) {
  const GraphParts parts{
      .nodes = {node("QLinearConcat", {"sy", "z", "x", "s", "z", "c", "sc", "z"}, {"y"},
                     {attribute("axis", 0)}, "", "com.microsoft")},
      .inputs = {value("x", "2", byte)},
      .outputs = {value("y", "", byte)},
      .initializers = {reals("sy", {}, {0.5}), ones("z", {}), reals("s", {}, {2}), ones("c", {1}),
                       reals("sc", {}, {1})}};
  EXPECT_THAT(run_by_hand(parts, {{"x", {2, 4}}}), ElementsAre(5, 13, 1));
}

// 0.5 (x - 1) x 3 / 2 + 1
TEST(RunScaledIntegers, Products) {
  const GraphParts parts{
      .nodes = {node("QLinearMul", {"x", "s", "z", "c", "sc", "", "sy", "zy"}, {"y"}, {}, "",
                     "com.microsoft")},
      .inputs = {value("x", "4", byte)},
      .outputs = {value("y", "4", byte)},
      .initializers = {reals("s", {}, {0.5}), ones("z", {}), ones("c", {4}), reals("sc", {}, {3}),
                       reals("sy", {}, {2}), ones("zy", {})}};
  EXPECT_THAT(run_by_hand(parts, {{"x", {0, 5, 9, 13}}}), ElementsAre(0, 4, 7, 10));
}

TEST(RunScaledIntegers, FunctionsOfRealNumbersInBetween) {
  EXPECT_THAT(
      of_one("QLinearLeakyRelu", "3", {real_attribute("alpha", 0.25)}, 0.0625, 10, {0, 1, 3}),
      ElementsAre(8, 10, 26));
  // 1 / (1 + e^-0), of 1 and of 4, in parts of 256
  EXPECT_THAT(of_one("QLinearSigmoid", "3", {}, 1.0 / 256, 0, {1, 3, 9}),
              ElementsAre(128, 187, 251));
  // e / (e + 3) and 1 / (e + 3)
  EXPECT_THAT(of_one("QLinearSoftmax", "1x4", {attribute("opset", 13), attribute("axis", -1)},
                     1.0 / 256, 0, {1, 3, 1, 1}),
              ElementsAre(45, 122, 45, 45));
}

TEST(RunScaledIntegers, MeansOfWindows) {
  EXPECT_THAT(of_one("QLinearAveragePool", "1x1x2x4",
                     {attribute("kernel_shape", Sizes{2, 2}), attribute("strides", Sizes{2, 2})},
                     0.25, 1, {1, 3, 5, 7, 9, 11, 13, 15}),
              ElementsAre(11, 19));
}

// The range is 255 wide, so that the scale is 1; what lies between two integers shows that they are made.
TEST(RunScaledIntegers, ProductsOfIntegersByTheRangeOfTheInput) {
  const GraphParts parts{
      .nodes = {node("DynamicQuantizeMatMul", {"x", "w", "sw", "", "bias"}, {"y"}, {}, "",
                     "com.microsoft")},
      .inputs = {value("x", "1x3")},
      .outputs = {value("y", "")},
      .initializers = {ones("w", {3, 1}), reals("sw", {}, {2}), reals("bias", {1}, {0.5})}};
  EXPECT_THAT(run_by_hand(parts, {{"x", {0, 255, 51.4}}}),
              Pointwise(::testing::DoubleNear(1e-3), {2 * 306 + 0.5}));
  EXPECT_THAT(run_by_hand(parts, {{"x", {-55, 200, 0.3}}}),
              Pointwise(::testing::DoubleNear(1e-3), {2 * 145 + 0.5}));
}

}  // namespace
}  // namespace flopmeter::models
