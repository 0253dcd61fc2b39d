#include "counters/executed/arithmetic/totals.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "counters/executed/arithmetic/names.h"

namespace flopmeter::executed {
namespace {

using enum Operation;
using Element::bf16, Element::f16, Element::f32, Element::f64, Element::i8;

constexpr Arithmetic fma_f32_x16{fma, f32, 16};

std::string text_of(const Totals& totals) {
  std::string text;
  totals.for_each([&](const Arithmetic& what, const Cell& cell) {
    text += to_string(what) + ": " + std::to_string(cell.instructions) + " " +
            std::to_string(cell.active) + " " + std::to_string(cell.full) + "; ";
  });
  return text;
}

TEST(Totals, SumByOperationElementLanesAndProducts) {
  Totals totals;
  totals.add({dot, i8, 16, 4}, 3, 30, 48);
  totals.add(fma_f32_x16, 10, 160, 160);
  totals.add({fma, f32, 16, 1, 5}, 2, 7, 32);  // a mask goes into the same cell
  totals.add({fma, f32, 8}, 1, 8, 8);
  totals.add({dot, bf16, 0, 2}, 1, 4096, 4096);
  EXPECT_EQ(text_of(totals),
            "fma f32 x8: 1 8 8; fma f32 x16: 12 167 192; dot bf16 tile of 2: 1 4096 4096; "
            "dot i8 x16 of 4: 3 30 48; ");
  EXPECT_EQ(totals.cell(fma_f32_x16), (Cell{12, 167, 192}));
}

// A cell that two kinds shared would name one of them wrongly.
TEST(Totals, EveryKindHasACellOfItsOwn) {
  for (std::size_t operation = 1; operation < operation_count; ++operation) {
    for (std::size_t element = 1; element < element_count; ++element) {
      for (const std::uint8_t lanes : {0, 1, 2, 4, 8, 16, 32, 64}) {
        for (const std::uint8_t products : {1, 2, 4}) {
          Totals totals;
          const Arithmetic what{static_cast<Operation>(operation), static_cast<Element>(element),
                                lanes, products};
          totals.add(what, 1, 1, 1);
          EXPECT_EQ(text_of(totals), to_string(what) + ": 1 1 1; ");
        }
      }
    }
  }
}

TEST(Totals, AddUpAndSubtract) {
  Totals before;
  before.instructions = 100;
  before.add(fma_f32_x16, 10, 150, 160);
  Totals more;
  more.instructions = 11;
  more.add(fma_f32_x16, 1, 3, 16);
  more.add({add, f64, 1}, 2, 2, 2);
  const Totals after = before + more;
  EXPECT_EQ(after.instructions, 111);
  EXPECT_EQ(after.cell(fma_f32_x16), (Cell{11, 153, 176}));
  EXPECT_EQ(after - before, more);
  EXPECT_EQ(text_of(before - before), "");
}

TEST(Totals, OverflowIsReported) {
  Totals totals;
  totals.add(fma_f32_x16, 1, 1, std::numeric_limits<std::int64_t>::max());
  EXPECT_THROW(totals.add(fma_f32_x16, 1, 1, 1), CountOverflow);
  EXPECT_THROW(totals += totals, CountOverflow);
}

TEST(OpCountsOfTotals, AnFmaIsAMacAMultiplyAndAnAdd) {
  Totals totals;
  totals.add(fma_f32_x16, 10, 150, 160);
  OpCounts expected;
  expected.macs = expected.multiplies = expected.adds = expected.fmas = 150;
  EXPECT_EQ(op_counts(totals, Lanes::active), expected);
  expected.macs = expected.multiplies = expected.adds = expected.fmas = 160;
  EXPECT_EQ(op_counts(totals, Lanes::full), expected);
}

TEST(OpCountsOfTotals, ADotIsAMacForEachProductAndNoFma) {
  Totals totals;
  totals.add({dot, i8, 16, 4}, 3, 30, 48);
  totals.add({dot, bf16, 0, 2}, 1, 4096, 4096);  // one tile of 16 x 16 x 16 pairs
  const OpCounts counts = op_counts(totals, Lanes::full);
  EXPECT_EQ(counts.macs, 48 * 4 + 4096 * 2);
  EXPECT_EQ(counts.multiplies, counts.macs);
  EXPECT_EQ(counts.adds, counts.macs);
  EXPECT_EQ(counts.fmas, 0);
  EXPECT_EQ(op_counts(totals, Lanes::active).macs, 30 * 4 + 4096 * 2);
}

TEST(OpCountsOfTotals, OtherKindsGoWhereTheyBelong) {
  Totals totals;
  totals.instructions = 1000;
  totals.add({add, f32, 4}, 1, 4, 4);
  totals.add({multiply, f32, 8}, 2, 16, 16);
  totals.add({multiply, f16, 16, 4}, 1, 16, 16);  // vfmulcph
  totals.add({add, f16, 16, 2}, 1, 16, 16);
  totals.add({divide, f64, 1}, 3, 3, 3);
  totals.add({square_root, f64, 2}, 2, 4, 4);
  totals.add({min_max, f32, 16}, 1, 16, 16);
  totals.add({compare, f32, 1}, 5, 5, 5);
  totals.add({convert, Element::i32, 8}, 1, 8, 8);
  totals.add({Operation::round, f32, 8}, 1, 8, 8);
  totals.add({approximate, f32, 8}, 1, 8, 8);
  totals.add({other, f32, 8}, 1, 8, 8);
  OpCounts expected;
  expected.adds = 4 + 32;
  expected.multiplies = 16 + 64;
  expected.divides = 3;
  expected.square_roots = 4;
  expected.comparisons = 16 + 5;
  expected.conversions = 8;
  EXPECT_EQ(op_counts(totals, Lanes::full), expected);
}

}  // namespace
}  // namespace flopmeter::executed
