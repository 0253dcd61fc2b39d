#include "kernels/linear/linear.h"

#include <gmock/gmock.h>

namespace flopmeter::linear {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(LinearShape, ParsesBenchdnnDescriptors) {
  EXPECT_EQ(parse("mb32ic512oc1000"), (Shape{32, 512, 1, 1, 1, 1000, 1}));
  EXPECT_EQ(parse("ic512oc1000"), (Shape{2, 512, 1, 1, 1, 1000, 1}));
  EXPECT_EQ(parse("mb1ic512ih7oc4096"), (Shape{1, 512, 1, 7, 7, 4096, 1}));
  EXPECT_EQ(parse("mb1ic8id3oc4"), (Shape{1, 8, 3, 3, 3, 4, 1}));
  EXPECT_EQ(parse("mb1ic8ih3iw2oc4bias0"), (Shape{1, 8, 1, 3, 2, 4, 0}));
}

TEST(LinearShape, PrintsWhatItParses) {
  for (const std::string_view text :
       {"mb32ic512oc1000", "mb2ic3oc4bias0", "mb1ic512ih7oc4096", "mb1ic8id3oc4", "mb1ic8ih3iw2oc4",
        "mb1ic8ih1iw2oc4", "mb1ic8id2ih3iw4oc4", "mb1ic8id2ih1iw1oc4", "mb1ic8id3ih3iw1oc4",
        "mb1ic8id3ih2iw2oc4", "mb1ic8id1ih2iw1oc4"}) {
    EXPECT_EQ(parse(print_shape<Layer>(parse(text))), parse(text)) << text;
  }
  EXPECT_EQ(print_shape<Layer>(parse("oc4_ic3_mb2")), "mb2ic3oc4");
  EXPECT_EQ(print_shape<Layer>(parse("mb1ic512ih7iw7oc4096")), "mb1ic512ih7oc4096");
}

TEST(LinearShape, RefusesWithTheReason) {
  EXPECT_THAT([] { parse("mb32ic512"); }, ThrowsMessage<BadInput>(HasSubstr("needs ic and oc")));
  EXPECT_THAT([] { parse("mb0ic5oc5"); }, ThrowsMessage<BadInput>(HasSubstr("mb (samples) is 0")));
  EXPECT_THAT([] { parse("mb1ic5oc5bias2"); },
              ThrowsMessage<BadInput>(HasSubstr("must be 0 or 1")));
}

// 32 x 512 x 1000 products; the bias makes every product an add.
TEST(LinearFormula, WithBias) {
  const Formula formula = Layer::formula(parse("mb32ic512oc1000"), Pass::forward);
  EXPECT_EQ(formula.parameters, 513000);
  EXPECT_EQ(formula.dense.macs, 16384000);
  EXPECT_EQ(formula.dense.multiplies, 16384000);
  EXPECT_EQ(formula.dense.adds, 16384000);
  EXPECT_EQ(formula.in_bounds, formula.dense);
}

// 3 x 2 outputs of 5 products: 30 multiplies, 6 x 4 adds.
TEST(LinearFormula, WithoutBias) {
  const Formula formula = Layer::formula(parse("mb3ic5oc2bias0"), Pass::forward);
  EXPECT_EQ(formula.parameters, 10);
  EXPECT_EQ(formula.dense.multiplies, 30);
  EXPECT_EQ(formula.dense.adds, 24);
}

TEST(LinearFormula, OverflowIsReported) {
  EXPECT_THROW(Layer::formula(parse("mb4294967296ic4294967296oc1"), Pass::forward), CountOverflow);
}

// x = (1, 2), w = ((3, 4), (5, 6)), b = (10, 20): y = (10 + 11, 20 + 17).
TEST(LinearReference, ComputesTheDefinition) {
  const Shape shape = parse("mb1ic2oc2");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 2.0}, tensors["src"]);
  std::ranges::copy(std::array{3.0, 4.0, 5.0, 6.0}, tensors["weights"]);
  std::ranges::copy(std::array{10.0, 20.0}, tensors["bias"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_EQ(tensors["dst"][0], 21);
  EXPECT_EQ(tensors["dst"][1], 37);
}

TEST(LinearOperands, HaveDimensionsAndRoles) {
  const auto operands = Layer::operands(parse("mb3ic2ih4oc5bias0"), Pass::forward);
  ASSERT_EQ(operands.size(), 3U);
  EXPECT_THAT(operands[0].dims, testing::ElementsAre(3, 32));
  EXPECT_THAT(operands[1].dims, testing::ElementsAre(5, 32));
  EXPECT_THAT(operands[2].dims, testing::ElementsAre(3, 5));
  EXPECT_EQ(operands[1].role, Role::parameter);
  EXPECT_EQ(operands[2].role, Role::output);
}

}  // namespace
}  // namespace flopmeter::linear
