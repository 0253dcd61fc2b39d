#include "kernels/max_pool/max_pool.h"

#include <gmock/gmock.h>

#include "kernels/eigen/backend_testing.h"

namespace flopmeter::max_pool {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(MaxPoolShape, AxesFollowFromWhatIsGiven) {
  EXPECT_EQ(print_shape<Layer>(parse("mb1ic64ih112kh3sh2ph1")), "mb1ic64ih112oh56kh3sh2ph1");
  EXPECT_EQ(parse("ic4ih9kh3").axes()[2], parse("ic4ih9kh3").axes()[1]);
  EXPECT_EQ(parse("ic4ih9kh3").id, 1);
  EXPECT_EQ(parse("ic4iw9kw3").ih, 1);
  EXPECT_EQ(parse("ic4id9kd3").ow, 7);
  EXPECT_EQ(parse("ic4ih9oh9kh3").ph, 1);
}

TEST(MaxPoolShape, PrintsWhatItParses) {
  for (const std::string_view text :
       {"ic4iw9kw3", "ic4ih9kh3", "ic4ih1iw9kh1kw3", "ic4ih9iw1kh3kw1", "ic4id9kd3",
        "ic4id9ih7kd3kh2", "ic4id9ih1iw7kd3kh1kw2", "ic4ih9iw8kh3kw2sw2dh1dw0", "ic1iw1kw1"}) {
    EXPECT_EQ(parse(print_shape<Layer>(parse(text))), parse(text)) << text;
  }
}

TEST(MaxPoolShape, RefusesWithTheReason) {
  EXPECT_THAT([] { parse("mb1ih4kh2"); }, ThrowsMessage<BadInput>(HasSubstr("needs ic")));
  EXPECT_THAT([] { parse("mb1ic4"); }, ThrowsMessage<BadInput>(HasSubstr("needs iw and kw")));
  EXPECT_THAT([] { parse("ic4ih4kh5"); }, ThrowsMessage<BadInput>(HasSubstr("spans 5 along h")));
  EXPECT_THAT([] { parse("ic4ih4oh9kh2ph0"); },
              ThrowsMessage<BadInput>(HasSubstr("nothing but padding along h")));
  EXPECT_THAT([] { parse("ic4ih9oh2kh2"); },
              ThrowsMessage<BadInput>(HasSubstr("the padded input gives 8")));
}

// Windows of 3 with padding 1 over (1, 5, 2): the middle one sees all, the others two inputs.
TEST(MaxPoolReference, ComputesTheDefinition) {
  const Shape shape = parse("mb1ic1iw3kw3pw1");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{1.0, 5.0, 2.0}, tensors["src"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(tensors.find("dst")->data, ElementsAre(5, 5, 5));
  EXPECT_THAT(tensors.find("argmax")->data, ElementsAre(2, 1, 0));
}

// All three windows have their maximum at the same input.
TEST(MaxPoolReference, GradientsGoToTheMaxima) {
  const Shape shape = parse("mb1ic1iw3kw3pw1");
  Tensors<double> tensors(Layer::operands(shape, Pass::backward_data));
  std::ranges::copy(std::array{2.0, 1.0, 0.0}, tensors["argmax"]);
  std::ranges::copy(std::array{1.0, 10.0, 100.0}, tensors["diff_dst"]);
  Layer::reference(shape, Pass::backward_data, tensors);
  EXPECT_THAT(tensors.find("diff_src")->data, ElementsAre(0, 111, 0));
}

// 4 x 4 inputs, windows of 3 x 3 with padding 1: along an axis the outputs see 2, 3, 3, 2 = 10
// inputs, so 100 in all; 16 outputs save one comparison each. Dense: 16 * (9 - 1).
TEST(MaxPoolFormula, LeavesOutPadding) {
  const Formula formula = Layer::formula(parse("mb1ic1ih4kh3ph1"), Pass::forward);
  EXPECT_EQ(formula.in_bounds, (OpCounts{.comparisons = 84}));
  EXPECT_EQ(formula.dense, (OpCounts{.comparisons = 128}));
  EXPECT_EQ(Layer::formula(parse("mb1ic1ih4kh3ph1"), Pass::backward_data).dense,
            (OpCounts{.adds = 16}));
  EXPECT_THROW(Layer::formula(parse("mb4294967296ic4294967296iw2kw2"), Pass::forward),
               CountOverflow);
}

TEST(MaxPoolEigen, SharesPlanes) {
  eigen::expect_right<Layer>("mb3ic5ih9kh3ph1");
  eigen::expect_right<Layer>("mb1ic1iw7kw2sw2");
}

}  // namespace
}  // namespace flopmeter::max_pool
