#include "kernels/add/add.h"

#include <gmock/gmock.h>

#include "kernels/eigen/backend_testing.h"
#include "kernels/families/broadcast/merged.h"

namespace flopmeter::add {
namespace {

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

// a = (1 2; 3 4), b = (10 20): each row gets b. dc = (1 2; 3 4): da = dc, db = (1 + 3, 2 + 4).
TEST(Add, RepeatsAndSumsBack) {
  const Shape shape = parse("2x2:1x2");
  Tensors<double> forward(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 2.0, 3.0, 4.0}, forward["src0"]);
  std::ranges::copy(std::array{10.0, 20.0}, forward["src1"]);
  Layer::reference(shape, Pass::forward, forward);
  EXPECT_THAT(output_values(forward), testing::ElementsAre(11, 22, 13, 24));
  Tensors<double> backward(Layer::operands(shape, Pass::backward_data));
  std::ranges::copy(std::array{1.0, 2.0, 3.0, 4.0}, backward["diff_dst"]);
  Layer::reference(shape, Pass::backward_data, backward);
  EXPECT_THAT(output_values(backward), testing::ElementsAre(1, 2, 3, 4, 4, 6));
}

// 2 x 3 x 4 results. db has 2 x 4 elements that are sums of 3: 2 adds each; da is dc.
TEST(Add, Counts) {
  const Shape shape = parse("2x3x4:2x1x4");
  EXPECT_EQ(Layer::formula(shape, Pass::forward).in_bounds, (OpCounts{.adds = 24}));
  EXPECT_EQ(Layer::formula(shape, Pass::backward_data).in_bounds, (OpCounts{.adds = 16}));
}

TEST(AddShape, ParsesAndPrints) {
  EXPECT_EQ(parse("2x3x4:2x1x4"), (Shape{1, 2, 3, 4, 1, 2, 1, 4}));
  EXPECT_EQ(parse("128x768:768"), (Shape{1, 1, 128, 768, 1, 1, 1, 768}));
  for (const std::string_view text :
       {"2x3x4:2x1x4", "1x64x56x56:1x64x1x1", "1:1", "5:1", "1x5:3x1", "4x1x1x1:1x1x1x4"}) {
    EXPECT_EQ(parse(print_shape<Layer>(parse(text))), parse(text)) << text;
  }
  EXPECT_EQ(print_shape<Layer>(parse("1x1x128x768:768")), "128x768:1x768");
}

void expect_refused(std::string_view text, const char* why) {
  EXPECT_THAT([&] { parse(text); }, testing::ThrowsMessage<BadInput>(testing::HasSubstr(why)))
      << text;
}

TEST(AddShape, RefusesWithTheReason) {
  expect_refused("3x4", "has no colon");
  expect_refused("3x4:3x5", "dimensions 4 and 5");
  expect_refused("3xa:3x4", "'a' is no dimension");
  expect_refused("3x:3x4", "'' is no dimension");
  expect_refused("0x4:1x4", "is 0");
  expect_refused("1x1x1x1x4:4", "more than 4 dimensions");
  expect_refused("3x99999999999999999999:1", "beyond 2^63 - 1");
}

// Prevents two dimensions from becoming one where only one of them is repeated.
TEST(BroadcastMerged, KeepsRepetitionsApart) {
  const auto merge = [](std::string_view text) {
    return print_shape<Layer>(broadcast::merged(parse(text)));
  };
  EXPECT_EQ(merge("2x3x4x5:2x3x4x5"), "120:120");
  EXPECT_EQ(merge("2x64x56x56:1x64x1x1"), "2x64x3136:1x64x1");
  EXPECT_EQ(merge("2x3x4:1x1x4"), "6x4:1x4");
  EXPECT_EQ(merge("2x1x4:2x3x4"), "2x1x4:2x3x4");
  EXPECT_EQ(merge("5x1:1x5"), "5x1:1x5");
  EXPECT_EQ(merge("2x1x1x4:2x1x1x4"), "8:8");
}

// With two threads as well, which share the rows or the one row.
TEST(AddEigen, RepetitionsAndThreads) {
  for (const auto* text : {"1:1", "5x67:5x67", "5x67:1x67", "1x67:5x67", "5x67:5x1", "5x1:1x67",
                           "3x1x5x1:1x4x1x6", "2x3x4x5:1x3x1x1"}) {
    eigen::expect_right<Layer>(text);
  }
}

}  // namespace
}  // namespace flopmeter::add
