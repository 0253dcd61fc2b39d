#include "counters/op_counts.h"

#include <gtest/gtest.h>

#include <limits>

namespace flopmeter {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

TEST(CheckedArithmetic, IsExactUpToTheLimit) {
  EXPECT_EQ(checked_add(largest - 1, 1), largest);
  EXPECT_EQ(checked_multiply(3037000499, 3037000499), 9223372030926249001);
  EXPECT_EQ(checked_product(2, 3, 7), 42);
}

// Prevents a wrapped, plausible-looking count of an absurd shape.
TEST(CheckedArithmetic, ThrowsBeyondTheLimit) {
  EXPECT_THROW(checked_add(largest, 1), CountOverflow);
  EXPECT_THROW(checked_multiply(3037000500, 3037000500), CountOverflow);
  EXPECT_THROW(checked_product(largest, 1, 2), CountOverflow);
}

TEST(OpCounts, SumsAndMultipliesKindByKind) {
  OpCounts a;
  OpCounts b;
  std::int64_t value = 1;
  for (const OpKind& kind : op_kinds) {
    a.*kind.count = value;
    b.*kind.count = 100 * value++;
  }
  const OpCounts sum = a + 2 * b;
  value = 1;
  for (const OpKind& kind : op_kinds) {
    EXPECT_EQ(sum.*kind.count, 201 * value++) << kind.name;
  }
}

// A kind that the table forgot would be missing from every output and comparison.
TEST(OpCounts, TableNamesEveryMember) { EXPECT_EQ(sizeof(OpCounts), op_kinds.size() * 8); }

TEST(OpCounts, SumOverflowIsReported) {
  OpCounts a;
  a.divides = largest;
  EXPECT_THROW(a + a, CountOverflow);
  EXPECT_THROW(2 * a, CountOverflow);
}

TEST(SumsOfProducts, BiasDecidesTheFirstAdd) {
  // 3 sums of 5 products: 15 multiplies; with a bias 15 adds, without 3 x 4.
  const OpCounts with = sums_of_products(3, 5, true);
  EXPECT_EQ(with.macs, 15);
  EXPECT_EQ(with.multiplies, 15);
  EXPECT_EQ(with.adds, 15);
  const OpCounts without = sums_of_products(3, 5, false);
  EXPECT_EQ(without.macs, 15);
  EXPECT_EQ(without.multiplies, 15);
  EXPECT_EQ(without.adds, 12);
}

}  // namespace
}  // namespace flopmeter
