#include "kernels/ffn/ffn.h"

#include <gmock/gmock.h>

namespace flopmeter::ffn {
namespace {

// 32 tokens, two matrices of 512 x 2048.
TEST(FfnFormula, IsTwoMatrices) {
  const Formula formula = Layer::formula(parse_shape<Layer>("mb32ic512hid2048"), Pass::forward);
  EXPECT_EQ(formula.dense.macs, 2 * 32 * 512 * 2048);
  EXPECT_EQ(formula.parameters, 2 * 512 * 2048 + 2048 + 512);
  EXPECT_EQ(formula.dense.comparisons, 32 * 2048);
}

// The gate's product is a multiply that nothing accumulates.
TEST(FfnFormula, GatedIsThreeMatrices) {
  const Formula formula =
      Layer::formula(parse_shape<Layer>("mb32ic64hid96swiglu1bias0"), Pass::forward);
  EXPECT_EQ(formula.dense.macs, 3 * 32 * 64 * 96);
  EXPECT_EQ(formula.parameters, 3 * 64 * 96);
}

TEST(FfnFormula, GatesMayBeGelu) {
  const auto counts = [](std::string_view text) {
    return Layer::formula(parse_shape<Layer>(text), Pass::forward).dense;
  };
  EXPECT_EQ(counts("mb3ic4hid5geglu1").macs, counts("mb3ic4hid5swiglu1").macs);
  EXPECT_GT(counts("mb3ic4hid5geglu1").erfs, 0);
  EXPECT_GT(counts("mb3ic4hid5geglu1gelutanh1").tanhs, 0);
  EXPECT_GT(counts("mb3ic4hid5gelutanh1").tanhs, 0);
}

// x = 1, up 2 and -3: relu leaves 2 and 0; down 5 and 7: 10.
TEST(FfnReference, ComputesTheDefinition) {
  const Shape shape = parse_shape<Layer>("mb1ic1hid2bias0");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  tensors["src"][0] = 1;
  std::ranges::copy(std::array{2.0, -3.0}, tensors["up.weights"]);
  std::ranges::copy(std::array{5.0, 7.0}, tensors["down.weights"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_EQ(tensors["dst"][0], 10);
}

// In one thread and f32, as the loops of a layer that is not composed.
TEST(FfnReference, IsTimedAsAnyOther) {
  const Shape shape = parse_shape<Layer>("mb1ic1hid2bias0");
  Tensors<float> tensors(Layer::operands(shape, Pass::forward));
  const auto prepare = [&](const flopmeter::Setup& setup) {
    return Layer::backends().at(0).prepare(shape, setup, tensors);
  };
  EXPECT_EQ(std::get<Prepared>(prepare({})).implementation, "plain loops");
  EXPECT_EQ(std::get<Unavailable>(prepare({.dtype = Dtype::bf16})).reason,
            "the reference loops are timed in f32 only");
  EXPECT_EQ(std::get<Unavailable>(prepare({.threads = 2})).reason,
            "the reference loops use one thread");
}

TEST(FfnShape, RefusesTwoActivations) {
  EXPECT_THAT([] { parse_shape<Layer>("mb1ic1hid1gelu1swiglu1"); },
              testing::ThrowsMessage<BadInput>(testing::HasSubstr("must be one of them")));
}

}  // namespace
}  // namespace flopmeter::ffn
