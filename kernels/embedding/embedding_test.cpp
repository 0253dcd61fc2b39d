#include "kernels/embedding/embedding.h"

#include <gmock/gmock.h>

#include "kernels/eigen/backend_testing.h"

namespace flopmeter::embedding {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Shape parse(std::string_view text) { return parse_shape<Layer>(text); }

TEST(EmbeddingShape, RefusesWithTheReason) {
  EXPECT_EQ(parse("mb128vocab30522dim768"), (Shape{128, 30522, 768}));
  EXPECT_THAT([] { parse("mb1vocab5"); },
              ThrowsMessage<BadInput>(HasSubstr("needs vocab and dim")));
  EXPECT_THAT([] { parse("vocab16777217dim1"); }, ThrowsMessage<BadInput>(HasSubstr("16777217")));
}

// By each backend: what lies beside the table would be read without a word.
TEST(EmbeddingReference, RefusesIndicesOutside) {
  const Shape shape = parse("mb2vocab3dim2");
  Tensors<float> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{0.0F, 3.0F}, tensors["src"]);
  EXPECT_THAT([&] { Layer::reference(shape, Pass::forward, tensors); },
              ThrowsMessage<BadInput>(HasSubstr("place 3 of a look-up: must be from 0 to 2")));
  const Preparation eigen = prepare_eigen(shape, {.threads = 2}, tensors);
  EXPECT_THAT([&] { std::get<Prepared>(eigen).run(); }, testing::Throws<BadInput>());
}

// A table of 3 rows of 2; rows 2, 0 and 2.
TEST(EmbeddingReference, CopiesRows) {
  const Shape shape = parse("mb3vocab3dim2");
  Tensors<double> tensors(Layer::operands(shape, Pass::forward));
  std::ranges::copy(std::array{2.0, 0.0, 2.0}, tensors["src"]);
  std::ranges::copy(std::array{1.0, 2.0, 3.0, 4.0, 5.0, 6.0}, tensors["weights"]);
  Layer::reference(shape, Pass::forward, tensors);
  EXPECT_THAT(output_values(tensors), testing::ElementsAre(5, 6, 1, 2, 5, 6));
}

// 4 indices, 4 rows read and 4 written, of a table of 1000 rows of 8; 10 indices into 3 rows read
// at most those 3.
TEST(EmbeddingFormula, CountsTheRowsLookedUpAndNoArithmetic) {
  EXPECT_EQ(compulsory_elements(Layer::operands(parse("mb4vocab1000dim8"), Pass::forward)),
            4 + 4 * 8 + 4 * 8);
  EXPECT_EQ(compulsory_elements(Layer::operands(parse("mb10vocab3dim8"), Pass::forward)),
            10 + 3 * 8 + 10 * 8);
  const Formula formula = Layer::formula(parse("mb4vocab1000dim8"), Pass::forward);
  EXPECT_EQ(formula.parameters, 8000);
  EXPECT_EQ(formula.in_bounds, OpCounts{});
}

TEST(EmbeddingEigen, SizesAndThreads) {
  eigen::expect_right<Layer>("mb1vocab1dim1");
  eigen::expect_right<Layer>("mb7vocab5dim33");
}

}  // namespace
}  // namespace flopmeter::embedding
