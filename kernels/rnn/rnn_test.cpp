#include "kernels/rnn/rnn.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "kernels/inputs.h"

namespace flopmeter::rnn {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(RnnShape, ParsesBenchdnnDescriptors) {
  EXPECT_EQ(parse("l2t10mb32slc128dhc256dir2bias0"),
            (Shape{2, 10, 32, 128, 256, 0, 2, 0, 2, 0, 0, 0}));
  EXPECT_EQ(parse("slc128dhc256"), (Shape{1, 1, 2, 128, 256, 0, 1, 1, 2, 0, 0, 0}));
  EXPECT_EQ(print_shape<Layer>(parse("dhc4_slc3_t2")), "l1t2mb2slc3dhc4");
}

TEST(RnnShape, RefusesWithTheReason) {
  EXPECT_THAT([] { parse("t1mb1slc3"); }, ThrowsMessage<BadInput>(HasSubstr("needs slc and dhc")));
  EXPECT_THAT([] { parse("slc3dhc3dir3"); }, ThrowsMessage<BadInput>(HasSubstr("must be 1 or 2")));
  EXPECT_THAT([] { parse("slc3dhc3bias2"); }, ThrowsMessage<BadInput>(HasSubstr("0 or 1")));
  EXPECT_THAT([] { parse("slc3dhc3dic2"); }, ThrowsMessage<BadInput>(HasSubstr("unknown key")));
  EXPECT_THAT([] { parse("t2slc3dhc3hin2"); },
              ThrowsMessage<BadInput>(HasSubstr("behind the first of 2 steps")));
  EXPECT_THAT([] { parse("slc3dhc3join1"); }, ThrowsMessage<BadInput>(HasSubstr("is of dir2")));
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

Tensors<double> random_tensors(const Shape& shape) {
  Tensors<float> filled(Layer::operands(shape, Pass::forward));
  fill(filled, 3);
  return Tensors<double>(filled);
}

// Two stacks are each the layer of one direction, and their results lie side by side.
TEST(RnnReference, StacksThatMeetAtTheTopDoNotSeeEachOther) {
  const Shape both = parse("l2t3mb2slc3dhc4dir2join1");
  const Shape one = parse("l2t3mb2slc3dhc4");
  Tensors<double> two_stacks = random_tensors(both);
  Tensors<double> stack(Layer::operands(one, Pass::forward));
  std::copy_n(two_stacks["src"], 3 * 2 * 3, stack["src"]);
  for (std::int64_t layer = 0; layer < 2; ++layer) {
    const auto copy_run = [&](std::string_view name, std::int64_t size) {
      std::copy_n(two_stacks[name] + 2 * layer * size, size, stack[name] + layer * size);
    };
    copy_run("src_iter", 2 * 4);
    copy_run("weights_iter", 4 * 4);
    copy_run("bias", 2 * 4);
  }
  std::copy_n(two_stacks["weights_layer"], 4 * 3, stack["weights_layer"]);
  std::copy_n(two_stacks["weights_layer"] + 2 * 4 * 3, 4 * 4, stack["weights_layer"] + 4 * 3);
  Layer::reference(both, Pass::forward, two_stacks);
  Layer::reference(one, Pass::forward, stack);
  for (std::int64_t place = 0; place < 3 * 2; ++place) {
    for (std::int64_t k = 0; k < 4; ++k) {
      EXPECT_DOUBLE_EQ(two_stacks["dst"][place * 8 + k], stack["dst"][place * 4 + k]);
    }
  }
  // 4 products less a unit of the upper layer: the direction that it does not see.
  EXPECT_EQ(Layer::formula(parse("l2t3mb2slc3dhc4dir2"), Pass::forward).dense.macs -
                Layer::formula(both, Pass::forward).dense.macs,
            2 * 6 * 4 * 4);
}

TEST(RnnReference, SumsDirections) {
  const Shape summed = parse("l1t3mb2slc3dhc4dir2join2");
  Tensors<double> sum = random_tensors(summed);
  Tensors<double> apart(Layer::operands(parse("l1t3mb2slc3dhc4dir2"), Pass::forward));
  for (const auto& entry : sum.entries()) {
    if (entry.role == Role::input || entry.role == Role::parameter) {
      std::ranges::copy(entry.data, apart[entry.name]);
    }
  }
  Layer::reference(summed, Pass::forward, sum);
  Layer::reference(parse("l1t3mb2slc3dhc4dir2"), Pass::forward, apart);
  for (std::int64_t i = 0; i < 3 * 2 * 4; ++i) {
    const std::int64_t at = i / 4 * 8 + i % 4;
    EXPECT_DOUBLE_EQ(sum["dst"][i], apart["dst"][at] + apart["dst"][at + 4]);
  }
}

// One step from a state of 2 features to one of 3: 3 sums of 4 + 2 terms and two biases.
TEST(RnnFormula, TheStateThatComesInMayHaveAnotherWidth) {
  const Formula formula = Layer::formula(parse("l1t1mb1slc4dhc3hin2"), Pass::forward);
  EXPECT_EQ(formula.parameters, 3 * (4 + 2 + 2));
  EXPECT_EQ(formula.dense, (OpCounts{.macs = 18, .multiplies = 18, .adds = 21, .tanhs = 3}));
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
