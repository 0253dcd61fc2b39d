#include "counters/executed/arithmetic/flops.h"

#include <gtest/gtest.h>

#include "counters/convention.h"

namespace flopmeter::executed {
namespace {

// Every operation, element, number of lanes and of products, each by another count.
Totals every_cell() {
  Totals totals;
  std::int64_t n = 1;
  for (std::size_t operation = 0; operation < operation_count; ++operation)
    for (std::size_t element = 0; element < element_count; ++element)
      for (const std::uint8_t products : {1, 2, 4})
        for (const std::uint8_t lanes : {0, 1, 16}) {
          totals.add({.operation = static_cast<Operation>(operation),
                      .element = static_cast<Element>(element),
                      .lanes = lanes,
                      .products = products},
                     n, 3 * n, 5 * n);
          ++n;
        }
  return totals;
}

TEST(ExactFlops, AreThoseOfTheConvention) {
  const Convention& exact = find_convention("exact");
  const Totals totals = every_cell();
  const Totals floating = floating_totals(totals);
  EXPECT_EQ(exact_flops(totals, Lanes::active), exact.reduce(op_counts(floating, Lanes::active)));
  EXPECT_EQ(exact_flops(totals, Lanes::full), exact.reduce(op_counts(floating, Lanes::full)));
  EXPECT_LT(exact_flops(totals, Lanes::active), exact_flops(totals, Lanes::full));
}

TEST(ExactFlops, CountAFusedProductTwiceAndNoInteger) {
  EXPECT_EQ(exact_flops({.operation = Operation::fma, .element = Element::f32}), 2);
  EXPECT_EQ(exact_flops({Operation::dot, Element::bf16, 16, 2}), 4);
  EXPECT_EQ(exact_flops({Operation::dot, Element::i8, 16, 4}), 0);
  EXPECT_EQ(exact_flops({.operation = Operation::min_max, .element = Element::f64}), 0);
}

}  // namespace
}  // namespace flopmeter::executed
