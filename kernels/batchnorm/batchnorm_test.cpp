#include "kernels/batchnorm/batchnorm.h"

#include <gmock/gmock.h>

#include "kernels/eigen/backend_testing.h"

namespace flopmeter::batchnorm {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(BatchnormShape, PrintsWhatItParses) {
  EXPECT_EQ(parse("mb32ic64ih56"), (Shape{32, 64, 1, 56, 56, 0, 1}));
  for (const std::string_view text :
       {"mb2ic3", "mb2ic3iw7", "mb2ic3ih7", "mb2ic3ih7iw1", "mb2ic3ih1iw7train1", "mb2ic3id2",
        "mb2ic3id2ih1iw1affine0", "mb2ic3id2ih3iw3", "mb2ic3id1ih2iw2"}) {
    EXPECT_EQ(parse(print_shape<Layer>(parse(text))), parse(text)) << text;
  }
  EXPECT_THAT([] { parse("mb2ih7"); }, ThrowsMessage<BadInput>(HasSubstr("needs ic")));
  EXPECT_THAT([] { parse("ic2train2"); }, ThrowsMessage<BadInput>(HasSubstr("must be 0 or 1")));
}

// The channel is (1, 5) of two samples: mean 3, variance 4, x' = -1 and 1, but for eps.
TEST(BatchnormReference, NormalisesByTheBatch) {
  const Shape shape = parse("mb2ic1train1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 5.0}, tensors["src"]);
  *tensors["scale"] = 10;
  *tensors["shift"] = 7;
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_EQ(*tensors["mean"], 3);
  EXPECT_EQ(*tensors["variance"], 4);
  EXPECT_THAT(tensors.find("dst")->data, ElementsAre(DoubleNear(-3, 1e-4), DoubleNear(17, 1e-4)));
}

TEST(BatchnormReference, NormalisesByWhatIsGiven) {
  const Shape shape = parse("mb1ic2affine0");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 5.0}, tensors["src"]);
  std::ranges::copy(std::array{0.0, 4.0}, tensors["mean"]);
  std::ranges::copy(std::array{4.0, 0.25}, tensors["variance"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data, ElementsAre(DoubleNear(0.5, 1e-4), DoubleNear(2, 1e-4)));
}

// 64 x 32 x 32 = 65536 elements: a subtract, two multiplies and an add each; and for each of the 64
// channels eps is added, a root is taken and inverted.
TEST(BatchnormFormula, Inference) {
  const Formula formula = Layer::formula(parse("mb1ic64ih32"), Pass::forward);
  EXPECT_EQ(formula.parameters, 128);
  EXPECT_EQ(formula.dense,
            (OpCounts{.multiplies = 131072, .adds = 131136, .divides = 64, .square_roots = 64}));
}

// 2 channels of 6 elements. Mean: 5 adds, a divide. Variance: 6 subtracts, 6 squares with 5 adds, a
// divide. Root: 1 add, a divide. Elements: 6 subtracts, 6 multiplies. So 23 adds and 12
// multiplies, 3 divides a channel.
TEST(BatchnormFormula, Training) {
  EXPECT_EQ(Layer::formula(parse("mb3ic2iw2train1affine0"), Pass::forward).dense,
            (OpCounts{.multiplies = 24, .adds = 46, .divides = 6, .square_roots = 2}));
  EXPECT_THROW(Layer::formula(parse("mb4294967296ic4294967296"), Pass::forward), CountOverflow);
}

TEST(BatchnormEigen, SharesChannels) {
  eigen::expect_right<Layer>("mb3ic5ih9");
  eigen::expect_right<Layer>("mb3ic5ih9train1");
}

}  // namespace
}  // namespace flopmeter::batchnorm
