#include "counters/convention.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

namespace flopmeter {
namespace {

TEST(Convention, ReducesCountsToOneNumber) {
  OpCounts counts = sums_of_products(10, 7, false);  // 70 multiplies, 60 adds
  counts.divides = 3;
  counts.square_roots = 2;
  counts.exponentials = 1000;
  counts.comparisons = 1000;
  EXPECT_EQ(find_convention("mac").reduce(counts), 70);
  EXPECT_EQ(find_convention("flop2").reduce(counts), 140);
  EXPECT_EQ(find_convention("exact").reduce(counts), 135);
}

TEST(Convention, FusedPairIsTwo) {
  const OpCounts counts{.macs = 5, .multiplies = 5, .adds = 5, .fmas = 5};
  EXPECT_EQ(find_convention("exact").reduce(counts), 10);
  EXPECT_EQ(find_convention("flop2").reduce(counts), 10);
}

TEST(Convention, OverflowIsReported) {
  OpCounts counts;
  counts.macs = std::numeric_limits<std::int64_t>::max() / 2 + 1;
  EXPECT_THROW(find_convention("flop2").reduce(counts), CountOverflow);
}

TEST(Convention, UnknownNameIsNamed) {
  try {
    find_convention("flops");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "unknown convention 'flops': one of mac, flop2, exact");
  }
}

TEST(Convention, EveryOneHasARule) {
  for (const Convention& convention : conventions()) {
    EXPECT_FALSE(convention.rule.empty()) << convention.name;
  }
}

}  // namespace
}  // namespace flopmeter
