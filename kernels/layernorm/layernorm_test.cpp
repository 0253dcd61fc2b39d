#include "kernels/layernorm/layernorm.h"

#include <gmock/gmock.h>

#include "kernels/eigen/backend_testing.h"

namespace flopmeter::layernorm {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(LayernormShape, NeedsTheLengthOfARow) {
  EXPECT_EQ(print_shape<Layer>(parse("c768_mb128affine0")), "mb128c768affine0");
  EXPECT_THAT([] { parse("mb4"); }, ThrowsMessage<BadInput>(HasSubstr("needs c")));
  EXPECT_THAT([] { parse("c4affine3"); }, ThrowsMessage<BadInput>(HasSubstr("must be 0 or 1")));
}

// A row (1, 5): mean 3, variance 4, x' = -1 and 1 but for eps.
TEST(LayernormReference, ComputesTheDefinition) {
  const Shape shape = parse("mb1c2");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 5.0}, tensors["src"]);
  std::ranges::copy(std::array{10.0, 100.0}, tensors["scale"]);
  std::ranges::copy(std::array{1.0, 2.0}, tensors["shift"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data, ElementsAre(DoubleNear(-9, 1e-3), DoubleNear(102, 1e-3)));
}

// 2 rows of 5. Forward: 4 adds and a divide; 5 subtracts, 5 squares with 4 adds and a divide; an
// add, a root, a divide; 5 subtracts, and two multiplies and an add each: 24 adds, 15 multiplies a
// row.
TEST(LayernormFormula, Forward) {
  const Formula formula = Layer::formula(parse("mb2c5"), Pass::forward);
  EXPECT_EQ(formula.parameters, 10);
  EXPECT_EQ(formula.dense,
            (OpCounts{.multiplies = 30, .adds = 48, .divides = 6, .square_roots = 2}));
}

// A row of 5: 5 times g and x' (2 multiplies, an add) in two passes, a product and an add for the
// sums but 4 adds each, 2 divides, and g - mean, two multiplies and an add; an inverse root.
// Multiplies: 20 + 5 + 5 + 5, adds: 10 + 4 + 4 + 5 + 5 + 1.
TEST(LayernormFormula, BackwardData) {
  EXPECT_EQ(Layer::formula(parse("mb1c5"), Pass::backward_data).dense,
            (OpCounts{.multiplies = 35, .adds = 29, .divides = 3, .square_roots = 1}));
}

TEST(LayernormEigen, SharesRows) {
  eigen::expect_right<Layer>("mb9c33");
  eigen::expect_right<Layer>("mb9c33affine0");
}

}  // namespace
}  // namespace flopmeter::layernorm
