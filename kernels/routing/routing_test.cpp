#include "kernels/routing/routing.h"

#include <gmock/gmock.h>

#include <cmath>

namespace flopmeter::routing {
namespace {

// ln 3 and 0 are the two largest: 3/4 and 1/4.
TEST(RoutingReference, SharesAreOfTheLargest) {
  const Shape shape = parse_shape<Layer>("mb1experts4active2");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{-5.0, 0.0, -9.0, std::log(3.0)}, tensors["src"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("indices")->data, testing::ElementsAre(3, 1));
  EXPECT_NEAR(tensors["shares"][0], 0.75, 1e-14);
  EXPECT_NEAR(tensors["shares"][1], 0.25, 1e-14);
}

// 4 - 1 and 3 - 1 comparisons a token.
TEST(RoutingFormula, ComparesThoseThatAreLeft) {
  const OpCounts counts =
      Layer::formula(parse_shape<Layer>("mb10experts4active2"), Pass::forward).dense;
  EXPECT_EQ(counts, (OpCounts{.adds = 30, .divides = 20, .exponentials = 20, .comparisons = 50}));
}

TEST(RoutingShape, RefusesMoreThanThereAre) {
  EXPECT_THAT([] { parse_shape<Layer>("mb1experts2active3"); },
              testing::ThrowsMessage<BadInput>(testing::HasSubstr("there are 2 experts")));
}

}  // namespace
}  // namespace flopmeter::routing
