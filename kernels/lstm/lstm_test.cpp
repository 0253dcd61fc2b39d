#include "kernels/lstm/lstm.h"

#include <gmock/gmock.h>

#include <cmath>

namespace flopmeter::lstm {
namespace {

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(LstmShape, HasAProjectionWhenItIsNotAsWide) {
  EXPECT_EQ(parse("slc3dhc5dic4").width(), 4);
  EXPECT_EQ(parse("slc3dhc5dic5"), parse("slc3dhc5"));
  EXPECT_EQ(print_shape<Layer>(parse("slc3dhc5dic4")), "l1t1mb2slc3dhc5dic4");
  EXPECT_EQ(parse("slc3dhc5dic6").width(), 6);  // wider than what is hidden, as oneDNN allows
}

// PyTorch's LSTM(128, 256) and LSTM(128, 256, num_layers=2, bidirectional=True), 10 steps of 32.
TEST(LstmFormula, KnownLayers) {
  const Formula one = Layer::formula(parse("l1t10mb32slc128dhc256"), Pass::forward);
  EXPECT_EQ(one.dense.macs, 125829120);
  EXPECT_EQ(one.parameters, 395264);
  const Formula two = Layer::formula(parse("l2t10mb32slc128dhc256dir2"), Pass::forward);
  EXPECT_EQ(two.dense.macs, 754974720);
}

TEST(LstmFormula, EachBackwardPassHasTheMacsOfTheForwardPass) {
  const Shape shape = parse("l3t10mb32slc128dhc256dic64dir2");
  const std::int64_t macs = Layer::formula(shape, Pass::forward).dense.macs;
  EXPECT_EQ(Layer::formula(shape, Pass::backward_data).dense.macs, macs);
  EXPECT_EQ(Layer::formula(shape, Pass::backward_weights).dense.macs, macs);
}

// 4 sums of 2 + 1 products and two biases. f*c, i*g, o*tanh are multiplies, f*c + i*g an add, and
// each of three sigmoids an add.
TEST(LstmFormula, OneUnit) {
  EXPECT_EQ(Layer::formula(parse("l1t1mb1slc2dhc1"), Pass::forward).dense,
            (OpCounts{.macs = 12,
                      .multiplies = 12 + 3,
                      .adds = 4 * (3 + 1) + 1 + 3,
                      .divides = 3,
                      .exponentials = 3,
                      .tanhs = 2}));
}

// sigma(ln 3) = 3/4, sigma(0) = 1/2, tanh(ln 2) = 3/5, c = 1: c' = 1/2 * 1 + 3/4 * 3/5.
TEST(LstmReference, ComputesTheDefinition) {
  const Shape shape = parse("l1t1mb1slc1dhc1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  tensors["src"][0] = 2;
  tensors["src_iter_c"][0] = 1;
  tensors["weights_layer"][0] = std::log(3) / 2;  // i
  tensors["bias"][2] = std::log(2);               // g, first vector
  tensors["bias"][4 + 3] = std::log(3);           // o, second vector
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_DOUBLE_EQ(tensors["dst_iter_c"][0], 0.95);
  EXPECT_DOUBLE_EQ(tensors["dst"][0], 0.75 * std::tanh(0.95));
}

// All sums are 0: c' = c / 2, and the hidden units tanh(c') / 2 are projected.
TEST(LstmReference, Projects) {
  const Shape shape = parse("l1t1mb1slc1dhc2dic1bias0");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  tensors["src_iter_c"][0] = 2;
  tensors["src_iter_c"][1] = 4;
  tensors["weights_projection"][0] = 6;
  tensors["weights_projection"][1] = 8;
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_DOUBLE_EQ(tensors["dst"][0], 3 * std::tanh(1) + 4 * std::tanh(2));
}

}  // namespace
}  // namespace flopmeter::lstm
