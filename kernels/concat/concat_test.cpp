#include "kernels/concat/concat.h"

#include <gmock/gmock.h>

namespace flopmeter::concat {
namespace {

TEST(ConcatReference, PutsRowsBehindEachOther) {
  const Shape shape = parse_shape<Layer>("mb2a2b1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 2.0, 3.0, 4.0}, tensors["src0"]);
  std::ranges::copy(std::array{5.0, 6.0}, tensors["src1"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data, testing::ElementsAre(1, 2, 5, 3, 4, 6));
}

TEST(ConcatShape, RefusesWithTheReason) {
  EXPECT_THAT([] { parse_shape<Layer>("mb2a2"); },
              testing::ThrowsMessage<BadInput>(testing::HasSubstr("needs a and b")));
}

}  // namespace
}  // namespace flopmeter::concat
