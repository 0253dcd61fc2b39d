#include "kernels/avg_pool/avg_pool.h"

#include <gmock/gmock.h>

#include "kernels/eigen/backend_testing.h"

namespace flopmeter::avg_pool {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

Tensors<double> run(std::string_view text, Pass pass, std::array<double, 3> values) {
  const Shape shape = parse(text);
  Tensors<double> tensors(Layer::operands(shape, pass));
  std::ranges::copy(values, tensors.entries().front().data.begin());
  Layer::reference(shape, pass, tensors);
  return tensors;
}

TEST(AvgPoolShape, SaysWhetherPaddingCounts) {
  EXPECT_EQ(parse("ic4ih9kh3").countpad, 1);
  EXPECT_EQ(print_shape<Layer>(parse("ic4ih9kh3ph1countpad0")), "mb2ic4ih9oh9kh3ph1countpad0");
  EXPECT_THAT([] { parse("ic4ih9kh3countpad2"); },
              ThrowsMessage<BadInput>(HasSubstr("must be 0 or 1")));
}

// Windows of 3 with padding 1 over (3, 6, 9): sums 9, 18, 15 of 2, 3, 2 inputs.
TEST(AvgPoolReference, ComputesTheDefinition) {
  auto all = run("mb1ic1iw3kw3pw1", Pass::forward, {3, 6, 9});
  EXPECT_THAT(all.find("dst")->data, ElementsAre(3, 6, 5));
  auto real = run("mb1ic1iw3kw3pw1countpad0", Pass::forward, {3, 6, 9});
  EXPECT_THAT(real.find("dst")->data, ElementsAre(4.5, 6, 7.5));
}

// Shares of 6, 12, 30 by the numbers of real inputs are 3, 4, 15.
TEST(AvgPoolReference, GradientsAreShared) {
  auto tensors = run("mb1ic1iw3kw3pw1countpad0", Pass::backward_data, {6, 12, 30});
  EXPECT_THAT(tensors.find("diff_src")->data, ElementsAre(7, 22, 19));
}

// 4 x 4 inputs, windows of 3 x 3 with padding 1: along an axis the outputs see 2, 3, 3, 2 = 10
// inputs, so 100 in all; 16 outputs start with their first one. Dense: 16 * 9.
TEST(AvgPoolFormula, LeavesOutPadding) {
  const Formula forward = Layer::formula(parse("mb1ic1ih4kh3ph1"), Pass::forward);
  EXPECT_EQ(forward.in_bounds, (OpCounts{.adds = 84, .divides = 16}));
  EXPECT_EQ(forward.dense, (OpCounts{.adds = 128, .divides = 16}));
  const Formula backward = Layer::formula(parse("mb1ic1ih4kh3ph1"), Pass::backward_data);
  EXPECT_EQ(backward.in_bounds, (OpCounts{.adds = 100, .divides = 16}));
}

TEST(AvgPoolEigen, SharesPlanes) {
  eigen::expect_right<Layer>("mb3ic5ih9kh3ph1");
  eigen::expect_right<Layer>("mb2ic4ih9kh3sh2ph1countpad0");
}

// 5 inputs, taps 0 and 2: windows of two inputs at 0, 1 and 2.
TEST(AvgPoolReference, LeavesGapsBetweenTaps) {
  const Shape shape = parse("mb1ic1iw5kw2dw1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 2.0, 4.0, 8.0, 16.0}, tensors["src"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data, testing::ElementsAre(2.5, 5, 10));
  EXPECT_EQ(Layer::formula(shape, Pass::forward).dense, (OpCounts{.adds = 3, .divides = 3}));
  EXPECT_EQ(print_shape<Layer>(shape), "mb1ic1iw5ow3kw2pw0dw1");
}

}  // namespace
}  // namespace flopmeter::avg_pool
