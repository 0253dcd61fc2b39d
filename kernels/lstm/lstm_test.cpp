#include "kernels/lstm/lstm.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <vector>

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

// Samples of 4, 3 and 2 steps: each product once for each of 9 places, and 12 where all are padded.
TEST(LstmFormula, CountsPackedSamplesAsLongAsTheyAre) {
  const Formula packed = Layer::formula(parse("t4mb3slc8dhc6tokens9"), Pass::forward);
  EXPECT_EQ(packed.in_bounds.macs, 9 * 24 * (8 + 6));
  EXPECT_EQ(packed.dense.macs, 12 * 24 * (8 + 6));
  EXPECT_EQ(packed.in_bounds,
            Layer::formula(parse("t9mb1slc8dhc6"), Pass::forward).in_bounds);  // as one of 9 steps
}

TEST(LstmShape, SharesPackedStepsEvenly) {
  const recurrent::Lengths lengths(parse("t4mb3slc1dhc1tokens9"));
  EXPECT_EQ((std::vector{lengths.of(0), lengths.of(1), lengths.of(2)}),
            (std::vector<std::int64_t>{4, 3, 2}));
  EXPECT_EQ(
      (std::vector{lengths.active(0), lengths.active(1), lengths.active(2), lengths.active(3)}),
      (std::vector<std::int64_t>{3, 3, 2, 1}));
  EXPECT_EQ((std::vector{lengths.offset(1), lengths.offset(3), lengths.offset(4)}),
            (std::vector<std::int64_t>{3, 8, 9}));
  EXPECT_EQ(parse("t4mb3slc1dhc1tokens12"), parse("t4mb3slc1dhc1"));
  EXPECT_THROW(parse("t4mb3slc1dhc1tokens5"), BadInput);
  EXPECT_THROW(parse("t4mb3slc1dhc1tokens13"), BadInput);
}

// Both directions of each sample by itself, from its own last step back.
TEST(LstmReference, ComputesPackedSamplesAsEachByItself) {
  const Shape shape = parse("l2t4mb3slc2dhc3dir2tokens9");
  const recurrent::Lengths lengths(shape);
  Tensors<double> packed(Layer::operands(shape, Pass::forward));
  for (const Operand& operand : Layer::operands(shape, Pass::forward)) {
    double next = -0.6;
    for (double& value : packed.find(operand.name)->data) {
      value = next;
      next = next > 0.5 ? next - 1.1 : next + 0.7;
    }
  }
  Layer::reference(shape, Pass::forward, packed);
  for (std::int64_t n = 0; n < shape.mb; ++n) {
    const Shape alone = parse(fmt::format("l2t{}mb1slc2dhc3dir2", lengths.of(n)));
    Tensors<double> one(Layer::operands(alone, Pass::forward));
    for (const char* weights : {"weights_layer", "weights_iter", "bias"}) {
      std::ranges::copy(packed.find(weights)->data, one[weights]);
    }
    for (std::int64_t run = 0; run < 4; ++run) {
      for (const char* initial : {"src_iter", "src_iter_c"}) {
        std::copy_n(packed[initial] + (run * 3 + n) * 3, 3, one[initial] + run * 3);
      }
    }
    for (std::int64_t step = 0; step < lengths.of(n); ++step) {
      std::copy_n(packed["src"] + (lengths.offset(step) + n) * 2, 2, one["src"] + step * 2);
    }
    Layer::reference(alone, Pass::forward, one);
    for (std::int64_t step = 0; step < lengths.of(n); ++step) {
      for (std::int64_t j = 0; j < 6; ++j) {
        EXPECT_DOUBLE_EQ(packed["dst"][(lengths.offset(step) + n) * 6 + j],
                         one["dst"][step * 6 + j])
            << n << " " << step << " " << j;
      }
    }
    EXPECT_DOUBLE_EQ(packed["dst_iter_c"][(3 * 3 + n) * 3], one["dst_iter_c"][9]);
  }
}

}  // namespace
}  // namespace flopmeter::lstm
