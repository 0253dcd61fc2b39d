#include "kernels/mul/mul.h"

#include <gmock/gmock.h>

namespace flopmeter::mul {
namespace {

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

// a = (1 2; 3 4), b = (10; 20): rows 1 and 2 get 10 and 20. dc = (1 2; 3 4): da = dc b,
// db = (1 x 1 + 2 x 2, 3 x 3 + 4 x 4).
TEST(Mul, RepeatsAndSumsBack) {
  const Shape shape = parse("2x2:2x1");
  Tensors<double> forward(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 2.0, 3.0, 4.0}, forward["src0"]);
  std::ranges::copy(std::array{10.0, 20.0}, forward["src1"]);
  Layer::reference(shape, Pass::forward, forward);
  EXPECT_THAT(output_values(forward), testing::ElementsAre(10, 20, 60, 80));
  Tensors<double> backward(Layer::operands(shape, Pass::backward_data));
  std::ranges::copy(std::array{1.0, 2.0, 3.0, 4.0}, backward["src0"]);
  std::ranges::copy(std::array{10.0, 20.0}, backward["src1"]);
  std::ranges::copy(std::array{1.0, 2.0, 3.0, 4.0}, backward["diff_dst"]);
  Layer::reference(shape, Pass::backward_data, backward);
  EXPECT_THAT(output_values(backward), testing::ElementsAre(10, 20, 60, 80, 5, 25));
}

// 2 x 3 x 4 results. da is one product each; db has 2 x 4 sums of 3 products, 2 adds each.
TEST(Mul, Counts) {
  const Shape shape = parse("2x3x4:2x1x4");
  EXPECT_EQ(Layer::formula(shape, Pass::forward).in_bounds, (OpCounts{.multiplies = 24}));
  EXPECT_EQ(Layer::formula(shape, Pass::backward_data).in_bounds,
            (OpCounts{.macs = 24, .multiplies = 24 + 24, .adds = 16}));
}

}  // namespace
}  // namespace flopmeter::mul
