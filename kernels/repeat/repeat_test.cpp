#include "kernels/repeat/repeat.h"

#include <gmock/gmock.h>

namespace flopmeter::repeat {
namespace {

TEST(RepeatReference, RepeatsAndSums) {
  const Shape shape = parse_shape<Layer>("mb2times2c1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{3.0, 5.0}, tensors["src"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data, testing::ElementsAre(3, 3, 5, 5));
  Tensors<double> gradients(Layer::operands(shape, Pass::backward_data));
  std::ranges::copy(std::array{1.0, 2.0, 3.0, 4.0}, gradients["diff_dst"]);
  Layer::reference(shape, Pass::backward_data, gradients);
  EXPECT_THAT(gradients.find("diff_src")->data, testing::ElementsAre(3, 7));
}

TEST(RepeatShape, RefusesWithTheReason) {
  EXPECT_THAT([] { parse_shape<Layer>("mb2c2"); },
              testing::ThrowsMessage<BadInput>(testing::HasSubstr("needs times and c")));
}

}  // namespace
}  // namespace flopmeter::repeat
