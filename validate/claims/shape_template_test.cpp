#include "validate/claims/shape_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/bad_input.h"

namespace flopmeter::claims {
namespace {

TEST(ShapeTemplate, PutsNumbersIntoBraces) {
  const ShapeTemplate shape("mb{batch*seq}ic{d}oc{4*d}");
  EXPECT_EQ(shape.fill({{"batch", 2}, {"seq", 10}, {"d", 8}}), "mb20ic8oc32");
}

TEST(ShapeTemplate, TakesWhatIsWrittenWhereNothingIsGiven) {
  const ShapeTemplate shape("mb{N=1}ic{C}oc{C}");
  EXPECT_EQ(shape.fill({{"C", 3}}), "mb1ic3oc3");
  EXPECT_EQ(shape.fill({{"C", 3}, {"N", 7}}), "mb7ic3oc3");
}

TEST(ShapeTemplate, KnowsTheFieldThatASymbolStandsFor) {
  const ShapeTemplate shape("mb{N=1}oc{4*d}bias{b=0}");
  ASSERT_EQ(shape.placeholders().size(), 3U);
  EXPECT_EQ(shape.placeholders()[0].key, "mb");
  EXPECT_EQ(shape.placeholders()[1].key, "") << "4*d is not in the range of oc where d is";
  EXPECT_EQ(shape.placeholders()[2].key, "bias");
}

TEST(ShapeTemplate, TextWithoutBracesIsItself) {
  EXPECT_EQ(ShapeTemplate("mb1ic3oc4").fill({}), "mb1ic3oc4");
}

// 10/4 heads must not become 2.
TEST(ShapeTemplate, RefusesWhatIsNoInteger) {
  EXPECT_THROW(ShapeTemplate("ic{d/h}").fill({{"d", 10}, {"h", 4}}), BadInput);
  EXPECT_THROW(ShapeTemplate("ic{d/h}").fill({{"d", 10}, {"h", 0}}), BadInput);
}

TEST(ShapeTemplate, RefusesMissingSymbolsAndBrokenBraces) {
  EXPECT_THROW(ShapeTemplate("ic{d}").fill({}), BadInput);
  EXPECT_THROW(ShapeTemplate("ic{d"), BadInput);
  EXPECT_THROW(ShapeTemplate("ic{}"), BadInput);
  EXPECT_THROW(ShapeTemplate("ic{d=x}"), BadInput);
}

}  // namespace
}  // namespace flopmeter::claims
