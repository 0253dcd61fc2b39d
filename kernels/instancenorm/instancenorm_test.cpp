#include "kernels/instancenorm/instancenorm.h"

#include <gmock/gmock.h>

namespace flopmeter::instancenorm {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(InstancenormShape, HasNoParametersUnlessAskedFor) {
  EXPECT_EQ(parse("mb1ic64ih32"), (Shape{1, 64, 1, 32, 32, 0}));
  EXPECT_EQ(Layer::formula(parse("mb1ic64ih32"), Pass::forward).parameters, 0);
  EXPECT_EQ(Layer::formula(parse("mb1ic64ih32affine1"), Pass::forward).parameters, 128);
  EXPECT_TRUE(Layer::operands(parse("mb1ic64ih32"), Pass::backward_weights).empty());
  EXPECT_EQ(Layer::formula(parse("mb1ic64ih32"), Pass::backward_weights).dense, OpCounts{});
  EXPECT_THAT([] { parse("ih4"); }, ThrowsMessage<BadInput>(HasSubstr("needs ic")));
}

// Planes (1, 5) and (2, 2): x' is -1, 1 and 0, 0 but for eps.
TEST(InstancenormReference, ComputesTheDefinition) {
  const Shape shape = parse("mb1ic2iw2");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 5.0, 2.0, 2.0}, tensors["src"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data,
              ElementsAre(DoubleNear(-1, 1e-4), DoubleNear(1, 1e-4), 0, 0));
}

// A plane of 4: 3 adds and a divide for the mean, 4 subtracts and 4 squares with 3 adds and a
// divide for the variance, an add, a root and a divide, 4 subtracts and 4 multiplies.
TEST(InstancenormFormula, Forward) {
  EXPECT_EQ(Layer::formula(parse("mb1ic1ih2"), Pass::forward).dense,
            (OpCounts{.multiplies = 8, .adds = 15, .divides = 3, .square_roots = 1}));
}

}  // namespace
}  // namespace flopmeter::instancenorm
