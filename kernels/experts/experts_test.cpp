#include "kernels/experts/experts.h"

#include <gmock/gmock.h>

#include <cmath>
#include <utility>

namespace flopmeter::experts {
namespace {

// x = 2; expert 0 is 3 * relu(5 x) = 30, expert 1 is 7 * relu(11 x) = 154; a quarter and three.
TEST(ExpertsReference, SumsWhatTheChosenSay) {
  const Shape shape = parse_shape<Layer>("mb1ic1hid1experts2active2swiglu0");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  tensors["src"][0] = 2;
  std::ranges::copy(std::array{1.0, 0.0}, tensors["indices"]);
  std::ranges::copy(std::array{0.25, 0.75}, tensors["shares"]);
  std::ranges::copy(std::array{5.0, 11.0}, tensors["up"]);
  std::ranges::copy(std::array{3.0, 7.0}, tensors["down"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_EQ(tensors["dst"][0], 154.0 / 4 + 30.0 * 3 / 4);
}

// The gate of 3 is cut to 2, the linear half of -5 to -2, to which 1 is added.
TEST(ExpertsReference, ClipsBothHalves) {
  const Shape shape = parse_shape<Layer>("mb1ic1hid1experts1active1clip2");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  for (const auto& [name, value] :
       {std::pair{"src", 1.0}, std::pair{"shares", 1.0}, std::pair{"gate", 3.0},
        std::pair{"up", -5.0}, std::pair{"down", 1.0}}) {
    tensors[name][0] = value;
  }
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_DOUBLE_EQ(tensors["dst"][0], -2 / (1 + std::exp(-2 * clipped_steepness)));
}

// Two of eight experts a token: three matrices each, and two products a feature for the sum.
TEST(ExpertsFormula, ComputesTheActiveAndHoldsAll) {
  const Formula formula =
      Layer::formula(parse_shape<Layer>("mb10ic32hid64experts8active2"), Pass::forward);
  EXPECT_EQ(formula.parameters, 8 * 3 * 32 * 64);
  EXPECT_EQ(formula.dense.macs, 10 * 2 * (3 * 32 * 64 + 32));
}

// What is moved are the weights of experts that have tokens, at most one a token and place.
TEST(ExpertsOperands, TouchTheExpertsThatHaveTokens) {
  const auto touched = [](std::string_view text) {
    const auto operands = Layer::operands(parse_shape<Layer>(text), Pass::forward);
    return std::ranges::find(operands, "up", &Operand::name)->touched;
  };
  EXPECT_EQ(touched("mb1ic3hid5experts8active2"), 2 * 15);
  EXPECT_EQ(touched("mb100ic3hid5experts8active2"), 8 * 15);
}

}  // namespace
}  // namespace flopmeter::experts
