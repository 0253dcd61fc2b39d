#include "kernels/adaptive_avg_pool/adaptive_avg_pool.h"

#include <gmock/gmock.h>

#include "kernels/eigen/backend_testing.h"

namespace flopmeter::adaptive_avg_pool {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(AdaptiveAvgPoolShape, OneOutputUnlessToldOtherwise) {
  EXPECT_EQ(parse("mb1ic8ih7"), (Shape{1, 8, 1, 7, 7, 1, 1, 1}));
  EXPECT_EQ(parse("mb1ic8ih7iw5oh3"), (Shape{1, 8, 1, 7, 5, 1, 3, 1}));
  EXPECT_EQ(parse("mb1ic8ih7oh3"), (Shape{1, 8, 1, 7, 7, 1, 3, 3}));
  EXPECT_EQ(print_shape<Layer>(parse("mb1ic8iw7")), "mb1ic8iw7ow1");
  EXPECT_THAT([] { parse("mb1ic8"); }, ThrowsMessage<BadInput>(HasSubstr("needs ic and iw")));
}

// Windows of 4 inputs for 3 outputs: {0, 1}, {1, 2}, {2, 3}.
TEST(AdaptiveAvgPoolReference, ComputesTheDefinition) {
  const Shape shape = parse("mb1ic1iw4ow3");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 3.0, 7.0, 9.0}, tensors["src"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data, ElementsAre(2, 5, 8));
}

// 5 x 5 inputs, 2 x 2 outputs: windows of 3 along each axis, that share the one in the middle.
// 4 outputs of 9 inputs: 4 * 8 adds.
TEST(AdaptiveAvgPoolFormula, CountsSharedInputsForEachWindow) {
  EXPECT_EQ(Layer::formula(parse("mb1ic1ih5oh2"), Pass::forward).dense,
            (OpCounts{.adds = 32, .divides = 4}));
  EXPECT_EQ(Layer::formula(parse("mb1ic1ih5oh2"), Pass::backward_data).dense,
            (OpCounts{.adds = 36, .divides = 4}));
}

TEST(AdaptiveAvgPoolFormula, TapsEqualAWalkOverTheWindows) {
  for (std::int64_t in = 1; in <= 20; ++in) {
    for (std::int64_t out = 1; out <= 25; ++out) {
      const pooling::AdaptiveAxis axis{in, out};
      std::int64_t taps = 0;
      for (std::int64_t o = 0; o < out; ++o) {
        taps += pooling::window(axis, o).count;
      }
      ASSERT_EQ(pooling::taps(axis), taps) << in << " to " << out;
    }
  }
}

TEST(AdaptiveAvgPoolEigen, SharesPlanes) { eigen::expect_right<Layer>("mb3ic5ih9oh4"); }

}  // namespace
}  // namespace flopmeter::adaptive_avg_pool
