#include "kernels/rnn/rnn.h"

#include <gmock/gmock.h>

#include <cmath>

namespace flopmeter::rnn {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(RnnShape, ParsesBenchdnnDescriptors) {
  EXPECT_EQ(parse("l2t10mb32slc128dhc256dir2bias0"), (Shape{2, 10, 32, 128, 256, 0, 2, 0, 2, 0}));
  EXPECT_EQ(parse("slc128dhc256"), (Shape{1, 1, 2, 128, 256, 0, 1, 1, 2, 0}));
  EXPECT_EQ(print_shape<Layer>(parse("dhc4_slc3_t2")), "l1t2mb2slc3dhc4");
}

TEST(RnnShape, RefusesWithTheReason) {
  EXPECT_THAT([] { parse("t1mb1slc3"); }, ThrowsMessage<BadInput>(HasSubstr("needs slc and dhc")));
  EXPECT_THAT([] { parse("slc3dhc3dir3"); }, ThrowsMessage<BadInput>(HasSubstr("must be 1 or 2")));
  EXPECT_THAT([] { parse("slc3dhc3bias2"); }, ThrowsMessage<BadInput>(HasSubstr("0 or 1")));
  EXPECT_THAT([] { parse("slc3dhc3dic2"); }, ThrowsMessage<BadInput>(HasSubstr("unknown key")));
}

// 3 units, 4 + 3 products each in 2 steps of 5 samples: 30 sums of 7 products and two biases.
TEST(RnnFormula, CountsSumsAndTanh) {
  const Shape shape = parse("l1t2mb5slc4dhc3");
  const Formula formula = Layer::formula(shape, Pass::forward);
  EXPECT_EQ(formula.parameters, 3 * (4 + 3 + 2));
  EXPECT_EQ(formula.dense, (OpCounts{.macs = 210, .multiplies = 210, .adds = 240, .tanhs = 30}));
  // dh = dh + dh', 1 - h^2 and its product for 30 units; 30 sums of 3 and 40 of 3 without a bias
  EXPECT_EQ(Layer::formula(shape, Pass::backward_data).dense,
            (OpCounts{.macs = 210, .multiplies = 270, .adds = 30 + 30 + 60 + 80}));
  // 3 x 7 weights and 3 biases, summed over 10 samples in time
  EXPECT_EQ(Layer::formula(shape, Pass::backward_weights).dense,
            (OpCounts{.macs = 210, .multiplies = 210, .adds = 21 * 9 + 3 * 9}));
}

TEST(RnnFormula, OverflowIsReported) {
  for (const auto* text : {"l4294967296t4294967296mb4294967296slc1dhc1",
                           "slc4294967296dhc4294967296", "l4294967296slc1dhc4294967296dir2"}) {
    EXPECT_THROW(Layer::formula(parse(text), Pass::forward), CountOverflow) << text;
  }
}

// W = 0, U = 1: each direction applies tanh to its own initial state, the second from the end.
TEST(RnnReference, WalksInBothDirections) {
  const Shape shape = parse("l1t2mb1slc1dhc1dir2bias0");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  tensors["src_iter"][0] = 1;
  tensors["src_iter"][1] = 2;
  std::fill_n(tensors["weights_iter"], 2, 1.0);
  Layer::reference(shape, Pass::forward, tensors);
  const double* dst = tensors["dst"];  // {step, direction}
  EXPECT_DOUBLE_EQ(dst[0], std::tanh(1));
  EXPECT_DOUBLE_EQ(dst[2], std::tanh(std::tanh(1)));
  EXPECT_DOUBLE_EQ(dst[3], std::tanh(2));
  EXPECT_DOUBLE_EQ(dst[1], std::tanh(std::tanh(2)));
  EXPECT_EQ(tensors["dst_iter"][0], dst[2]);
  EXPECT_EQ(tensors["dst_iter"][1], dst[1]);
}

// x = 1, h = 2: h' = tanh(3 * 1 + 0.5 * 2 + 1 - 4.5).
TEST(RnnReference, AddsBothSumsAndBiases) {
  const Shape shape = parse("l1t1mb1slc1dhc1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  tensors["src"][0] = 1;
  tensors["src_iter"][0] = 2;
  tensors["weights_layer"][0] = 3;
  tensors["weights_iter"][0] = 0.5;
  tensors["bias"][0] = 1;
  tensors["bias"][1] = -4.5;
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_DOUBLE_EQ(tensors["dst"][0], std::tanh(0.5));
}

}  // namespace
}  // namespace flopmeter::rnn
