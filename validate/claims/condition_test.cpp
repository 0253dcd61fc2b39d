#include "validate/claims/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace flopmeter::claims {
namespace {

using testing::ElementsAre;

constexpr std::size_t shapes = 200;

Bits where(const std::function<bool(std::size_t)>& test) {
  Bits bits(shapes);
  for (std::size_t i = 0; i < shapes; ++i) {
    if (test(i)) {
      bits.set(i);
    }
  }
  return bits;
}

const Bits all(shapes, true);
const std::vector<Bits> predicates{where([](std::size_t i) { return i % 2 == 0; }),
                                   where([](std::size_t i) { return i % 3 == 0; }),
                                   where([](std::size_t i) { return i % 4 == 0; }),
                                   where([](std::size_t i) { return i < 5; })};

TEST(WeakestConjunction, NeedsNoConditionWhereAllIsWanted) {
  const auto found = weakest_conjunction(predicates, all, all, {});
  ASSERT_TRUE(found);
  EXPECT_THAT(found->which, ElementsAre());
  EXPECT_EQ(found->shapes, shapes);
}

// Multiples of 4 are even: the weaker condition says more.
TEST(WeakestConjunction, PrefersTheConditionThatLeavesMostShapes) {
  const auto found = weakest_conjunction(predicates, predicates[0], all, {});
  ASSERT_TRUE(found);
  EXPECT_THAT(found->which, ElementsAre(0));
}

TEST(WeakestConjunction, CombinesConditionsOnlyWhereOneIsNotEnough) {
  const Bits sixth = where([](std::size_t i) { return i % 6 == 0; });
  const auto found = weakest_conjunction(predicates, sixth, all, {});
  ASSERT_TRUE(found);
  EXPECT_THAT(found->which, ElementsAre(0, 1));
  EXPECT_EQ(found->shapes, 34U);
}

// Five shapes prove nothing.
TEST(WeakestConjunction, ConcludesNothingFromFewShapes) {
  EXPECT_FALSE(weakest_conjunction(predicates, predicates[3], all, {}));
  EXPECT_TRUE(weakest_conjunction(predicates, predicates[3], all,
                                  {.most_conditions = 1, .fewest_shapes = 5}));
}

TEST(WeakestConjunction, FindsNothingWhereNothingHolds) {
  EXPECT_FALSE(weakest_conjunction(predicates, Bits(shapes), all, {}));
}

}  // namespace
}  // namespace flopmeter::claims
