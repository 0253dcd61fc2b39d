#include "kernels/groupnorm/groupnorm.h"

#include <gmock/gmock.h>

#include "kernels/eigen/backend_testing.h"

namespace flopmeter::groupnorm {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(GroupnormShape, RefusesWithTheReason) {
  EXPECT_EQ(print_shape<Layer>(parse("mb1ic320g32ih64")), "g32mb1ic320ih64");
  EXPECT_THAT([] { parse("ic4"); }, ThrowsMessage<BadInput>(HasSubstr("needs g and ic")));
  EXPECT_THAT([] { parse("g3ic4"); }, ThrowsMessage<BadInput>(HasSubstr("must divide ic 4")));
}

// Two groups of two channels, (1, 5) and (10, 10): means 3 and 10, variances 4 and 0, so that x' is
// -1, 1, 0 and 0 but for eps; scales and shifts belong to channels.
TEST(GroupnormReference, ComputesTheDefinition) {
  const Shape shape = parse("g2mb1ic4");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 5.0, 10.0, 10.0}, tensors["src"]);
  std::ranges::copy(std::array{1.0, 10.0, 100.0, 1000.0}, tensors["scale"]);
  std::ranges::copy(std::array{0.0, 1.0, 2.0, 3.0}, tensors["shift"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("mean")->data, ElementsAre(3, 10));
  EXPECT_THAT(tensors.find("variance")->data, ElementsAre(4, 0));
  EXPECT_THAT(tensors.find("dst")->data,
              ElementsAre(DoubleNear(-1, 1e-4), DoubleNear(11, 1e-4), 2, 3));
}

// 2 samples of 2 groups of 6 elements: 4 groups with 5 adds and a divide for the mean, 6 subtracts
// and 6 squares with 5 adds and a divide for the variance, an add, a root and a divide; 24 elements
// with a subtract, two multiplies and an add. Adds: 4 * (5 + 6 + 5 + 1) + 24 * 2.
TEST(GroupnormFormula, Forward) {
  const Formula formula = Layer::formula(parse("g2mb2ic4iw3"), Pass::forward);
  EXPECT_EQ(formula.parameters, 8);
  EXPECT_EQ(formula.dense,
            (OpCounts{.multiplies = 72, .adds = 116, .divides = 12, .square_roots = 4}));
}

// 24 elements: a subtract and a multiply for x', a product that is added, an add for the shift, of
// which the first of each of the 4 channels is none; 4 inverse roots. Adds: 4 + 24 + 20 + 20.
TEST(GroupnormFormula, BackwardWeights) {
  EXPECT_EQ(Layer::formula(parse("g2mb2ic4iw3"), Pass::backward_weights).dense,
            (OpCounts{.multiplies = 48, .adds = 68, .divides = 4, .square_roots = 4}));
}

TEST(GroupnormEigen, SharesGroups) { eigen::expect_right<Layer>("g3mb3ic6ih9"); }

}  // namespace
}  // namespace flopmeter::groupnorm
