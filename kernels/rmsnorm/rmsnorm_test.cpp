#include "kernels/rmsnorm/rmsnorm.h"

#include <gmock/gmock.h>

#include "kernels/eigen/backend_testing.h"

namespace flopmeter::rmsnorm {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(RmsnormShape, HasAScaleAndNoShift) {
  EXPECT_EQ(Layer::formula(parse("mb1c4096"), Pass::forward).parameters, 4096);
  EXPECT_EQ(Layer::operands(parse("c4"), Pass::backward_weights).back().name, "diff_scale");
  EXPECT_THAT([] { parse("mb4"); }, ThrowsMessage<BadInput>(HasSubstr("needs c")));
}

// A row (1, 7): the mean square is 25.
TEST(RmsnormReference, ComputesTheDefinition) {
  const Shape shape = parse("mb1c2");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 7.0}, tensors["src"]);
  std::ranges::copy(std::array{10.0, 100.0}, tensors["scale"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data, ElementsAre(DoubleNear(2, 1e-5), DoubleNear(140, 1e-4)));
}

// 2 rows of 5: 5 squares with 4 adds and a divide, an add, a root, a divide, 5 times 2 multiplies.
TEST(RmsnormFormula, Forward) {
  EXPECT_EQ(Layer::formula(parse("mb2c5"), Pass::forward).dense,
            (OpCounts{.multiplies = 30, .adds = 10, .divides = 4, .square_roots = 2}));
}

TEST(RmsnormEigen, SharesRows) { eigen::expect_right<Layer>("mb9c33"); }

}  // namespace
}  // namespace flopmeter::rmsnorm
