#include "kernels/matmul/matmul.h"

#include <gmock/gmock.h>

namespace flopmeter::matmul {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(MatmulShape, ParsesBenchdnnDescriptors) {
  EXPECT_EQ(parse("32x512:512x1000"), (Shape{1, 1, 32, 512, 1000, 0, 0, 0}));
  EXPECT_EQ(parse("12x128x64:12x64x128"), (Shape{12, 12, 128, 64, 128, 0, 0, 0}));
  EXPECT_EQ(parse("2x12x128x64:1x1x64x128"), (Shape{24, 1, 128, 64, 128, 0, 0, 0, 2}));
  EXPECT_EQ(parse("3x4:4x5_ta1_tb1_bias1"), (Shape{1, 1, 3, 4, 5, 1, 1, 1}));
}

TEST(MatmulShape, PrintsWhatItParses) {
  for (const std::string_view text :
       {"32x512:512x1000", "12x128x64:12x64x128", "4x2x3:1x3x5", "4x1x8x16:1x4x16x32",
        "2x1x3x1x1x1x1x1x1x1x8x16:1x5x3x1x1x1x1x1x1x4x16x2", "3x4:4x5_ta1", "3x4:4x5_tb1",
        "3x4:4x5_ta1_tb1_bias1"}) {
    EXPECT_EQ(print_shape<Layer>(parse(text)), text);
  }
}

void expect_refused(std::string_view text, const char* why) {
  EXPECT_THAT([&] { parse(text); }, ThrowsMessage<BadInput>(HasSubstr(why))) << text;
}

TEST(MatmulShape, RefusesWithTheReason) {
  expect_refused("32x512", "has no colon");
  expect_refused("32x512:511x10", "A has 512 columns but B has 511 rows");
  expect_refused("32:32x10", "'32' needs two dimensions");
  expect_refused("0x4:4x5", "dimension 0 must be at least 1");
  expect_refused("-3x4:4x5", "dimension -3 must be at least 1");
  expect_refused("3xa:4x5", "'a' is no dimension");
  expect_refused("3x:4x5", "'' is no dimension");
  expect_refused("3x4:4x5_oc3", "keys are ta, tb, bias");
  expect_refused("2x3x4x5:3x2x5x6", "batches 2 and 3 (dimension 4 from the last)");
  expect_refused("6x2x1:4x1x3", "batches 6 and 4 (dimension 3");
  expect_refused("1x1x1x1x1x1x1x1x1x1x1x2x3:3x4", "more than 12 dimensions");
  expect_refused("3x4:4x5_ta2", "must be 0 or 1");
  expect_refused("2x3x4:3x4x5", "batches 2 and 3");
  expect_refused("3x99999999999999999999:4x5", "beyond 2^63 - 1");
}

TEST(MatmulFormula, CountsProducts) {
  const Formula plain = Layer::formula(parse("32x512:512x1000"), Pass::forward);
  EXPECT_EQ(plain.parameters, 0);
  EXPECT_EQ(plain.dense.macs, 16384000);
  EXPECT_EQ(plain.dense.adds, 16384000 - 32000);
  const Formula biased = Layer::formula(parse("4x2x3:1x3x5_bias1"), Pass::forward);
  EXPECT_EQ(biased.parameters, 5);
  EXPECT_EQ(biased.dense.macs, 120);
  EXPECT_EQ(biased.dense.adds, 120);
}

// Batch axes by the rules of numpy: 1 against n is repeated, from the last axis backwards.
TEST(MatmulFormula, BroadcastsEachBatchAxis) {
  const auto macs = [](std::string_view text) {
    return Layer::formula(parse(text), Pass::forward).dense.macs;
  };
  EXPECT_EQ(macs("4x1x8x16:1x4x16x32"), 16 * 8 * 16 * 32);
  EXPECT_EQ(macs("1x16x38x64:105x1x64x38"), 1680 * 38 * 64 * 38);
  EXPECT_EQ(macs("16x38x64:105x1x64x38"), 1680 * 38 * 64 * 38);
  EXPECT_EQ(macs("3x4x5:2x1x5x6"), 6 * 4 * 5 * 6);
}

TEST(MatmulBatch, PutsAlikeAxesTogether) {
  const auto axes = [](std::string_view text) {
    const Shape shape = parse(text);
    return merged(shape.a(), shape.b());
  };
  EXPECT_THAT(axes("8x16:16x32"), testing::IsEmpty());
  EXPECT_THAT(axes("2x3x1x8x16:2x3x7x16x32"), testing::ElementsAre(AxisPair{6, 6}, AxisPair{1, 7}));
  EXPECT_THAT(axes("2x1x3x1x8x16:1x1x1x5x16x32"),
              testing::ElementsAre(AxisPair{6, 1}, AxisPair{1, 5}));
}

// A = (1 2; 3 4), B = (5 6; 7 8): C = (19 22; 43 50); with A^T and B^T: (23 31; 34 46).
void expect_product(std::string_view text, const std::array<double, 4>& expected) {
  const Shape shape = parse(text);
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 2.0, 3.0, 4.0}, tensors["src"]);
  std::ranges::copy(std::array{5.0, 6.0, 7.0, 8.0}, tensors["weights"]);
  if (tensors["bias"] != nullptr) {
    std::ranges::copy(std::array{100.0, 200.0}, tensors["bias"]);
  }
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.entries().back().data, testing::ElementsAreArray(expected)) << text;
}

TEST(MatmulReference, ComputesTheDefinition) {
  expect_product("2x2:2x2", {19, 22, 43, 50});
  expect_product("2x2:2x2_ta1", {26, 30, 38, 44});
  expect_product("2x2:2x2_tb1", {17, 23, 39, 53});
  expect_product("2x2:2x2_ta1_tb1", {23, 31, 34, 46});
  expect_product("2x2:2x2_bias1", {119, 222, 143, 250});
}

TEST(MatmulReference, BroadcastsABatchOfOne) {
  const Shape shape = parse("2x1x1:1x1x1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  tensors["src"][0] = 3;
  tensors["src"][1] = 4;
  tensors["weights"][0] = 5;
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_EQ(tensors["dst"][0], 15);
  EXPECT_EQ(tensors["dst"][1], 20);
}

// A 2 x 1, B 1 x 3 matrices of one element: all six products, and the sums of each row and column.
TEST(MatmulReference, BroadcastsEachAxisForItself) {
  const Shape shape = parse("2x1x1x1:1x3x1x1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{2.0, 3.0}, tensors["src"]);
  std::ranges::copy(std::array{5.0, 7.0, 11.0}, tensors["weights"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data, testing::ElementsAre(10, 14, 22, 15, 21, 33));

  Tensors<double> gradients(Layer::operands(shape, Pass::backward_data));
  std::ranges::copy(std::array{5.0, 7.0, 11.0}, gradients["weights"]);
  std::ranges::fill(gradients.find("diff_dst")->data, 1.0);
  Layer::reference(shape, Pass::backward_data, gradients);
  EXPECT_THAT(gradients.find("diff_src")->data, testing::ElementsAre(23, 23));
}

}  // namespace
}  // namespace flopmeter::matmul
