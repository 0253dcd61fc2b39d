#include "kernels/moe/moe.h"

#include <gmock/gmock.h>

namespace flopmeter::moe {
namespace {

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

// Mixtral: 3 * 4096 * 14336 an expert, 4096 * 8 of the router, and per token 2 of 8 experts.
TEST(MoeFormula, ComputesTheActiveAndHoldsAll) {
  const Shape shape = parse("mb10ic4096hid14336experts8active2");
  const std::int64_t expert = 3LL * 4096 * 14336;
  const Formula formula = Layer::formula(shape, Pass::forward);
  EXPECT_EQ(formula.parameters, 8 * expert + 4096 * 8);
  EXPECT_EQ(Layer::variables(shape)[0].value, 2 * expert + 4096 * 8);
  EXPECT_EQ(formula.dense.macs, 10 * (2 * expert + 4096 * 8 + 2 * 4096));
}

// Two shared experts are one of twice the width.
TEST(MoeFormula, SharedExpertsAreForAllTokens) {
  const Formula routed = Layer::formula(parse("mb3ic16hid8experts6active2"), Pass::forward);
  const Formula both = Layer::formula(parse("mb3ic16hid8experts6active2shared2"), Pass::forward);
  EXPECT_EQ(both.parameters - routed.parameters, 3 * 16 * 16);
  EXPECT_EQ(both.dense.macs - routed.dense.macs, 3 * 3 * 16 * 16);
}

// One expert for every token is an ordinary feed-forward block with a share of 1.
TEST(MoeReference, OfOneExpertIsAFeedForwardBlock) {
  const Shape shape = parse("mb1ic1hid2experts1active1swiglu0");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  tensors["src"][0] = 1;
  tensors["router.weights"][0] = 3;
  std::ranges::copy(std::array{2.0, -3.0}, tensors["experts.up"]);
  std::ranges::copy(std::array{5.0, 7.0}, tensors["experts.down"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_EQ(tensors["dst"][0], 10);
}

}  // namespace
}  // namespace flopmeter::moe
