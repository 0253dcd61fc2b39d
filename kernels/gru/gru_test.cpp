#include "kernels/gru/gru.h"

#include <gtest/gtest.h>

#include <cmath>

namespace flopmeter::gru {
namespace {

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

// PyTorch's GRU(128, 256), 10 steps of 32.
TEST(GruFormula, KnownLayer) {
  const Formula formula = Layer::formula(parse("l1t10mb32slc128dhc256"), Pass::forward);
  EXPECT_EQ(formula.dense.macs, 94371840);
  EXPECT_EQ(formula.parameters, 296448);
}

// r and z: sums of 2 + 1 products and two biases; n: a sum of 2 and one of 1, each with a bias.
// r*b, (1-z)*n, z*h are multiplies; a + r*b, 1 - z, their sum and both sigmoids have an add each.
TEST(GruFormula, OneUnit) {
  EXPECT_EQ(Layer::formula(parse("l1t1mb1slc2dhc1"), Pass::forward).dense,
            (OpCounts{.macs = 9,
                      .multiplies = 9 + 3,
                      .adds = 2 * (3 + 1) + 2 + 1 + 3 + 2,
                      .divides = 2,
                      .exponentials = 2,
                      .tanhs = 1}));
}

// Without biases each sum starts at its first product: 2 * 2 + 1 + 0 adds.
TEST(GruFormula, OneUnitWithoutBias) {
  EXPECT_EQ(Layer::formula(parse("l1t1mb1slc2dhc1bias0"), Pass::forward).dense.adds, 5 + 3 + 2);
}

// r = sigma(0) = 1/2, z = sigma(ln 3) = 3/4, n = tanh(ln 2 - 1 + r * (0.5 + 0.75 * 2)) = 3/5: the
// reset gate multiplies the second bias too. h' = 1/4 * 3/5 + 3/4 * 2.
TEST(GruReference, ComputesTheDefinition) {
  const Shape shape = parse("l1t1mb1slc1dhc1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  tensors["src"][0] = 1;
  tensors["src_iter"][0] = 2;
  tensors["weights_layer"][1] = std::log(3);
  tensors["weights_iter"][2] = 0.75;
  tensors["bias"][2] = std::log(2) - 1;
  tensors["bias"][3 + 2] = 0.5;
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_DOUBLE_EQ(tensors["dst"][0], 1.65);
}

// Keras' GRU(5) on 4 features: 3 * 5 * (4 + 5 + 1), or + 2 with reset_after.
TEST(GruFormula, MayHaveOneBiasVector) {
  const auto formula = [](std::string_view text) {
    return Layer::formula(parse(text), Pass::forward);
  };
  EXPECT_EQ(formula("slc4dhc5vectors1").parameters, 150);
  EXPECT_EQ(formula("slc4dhc5").parameters, 165);
  EXPECT_EQ(formula("l1t1mb1slc2dhc1").dense.adds - formula("l1t1mb1slc2dhc1vectors1").dense.adds,
            3);
}

}  // namespace
}  // namespace flopmeter::gru
