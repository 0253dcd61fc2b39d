// Counts of oneDNN 2.6.3 as they were executed under DNNL_MAX_CPU_ISA=AVX2.
#include "validate/avx2_sgemm.h"

#include <gtest/gtest.h>

#include "validate/expression.h"

namespace flopmeter::avx2_sgemm {
namespace {

struct ProductCase {
  Product product;
  std::int64_t fused, apart, scalings;
};

class Avx2Sgemm : public testing::TestWithParam<ProductCase> {};

TEST_P(Avx2Sgemm, CountsWhatWasExecuted) {
  const ProductCase& row = GetParam();
  const Counts found = counts(row.product);
  EXPECT_EQ(found.products - found.apart, row.fused);
  EXPECT_EQ(found.apart, row.apart);
  EXPECT_EQ(found.scalings, row.scalings);
}

constexpr auto product_cases = std::to_array<ProductCase>({
    // Rows in eights, columns in sixes, one of which is left over or two are.
    {{.m = 11, .n = 9, .k = 13}, 16 * 9 * 13, 0, 16 * 9},
    {{.m = 9, .n = 50, .k = 16}, 12288, 512, 800},
    {{.m = 9, .n = 200, .k = 130}, 411840, 4160, 3200},
    {{.m = 97, .n = 31, .k = 513}, 104 * 30 * 513, 104 * 513, 3 * 104 * 31},
    // Columns in 48, the last two parts in halves; in 96 of a transposed A.
    {{.m = 200, .n = 97, .k = 3}, 57600, 600, 19400},
    {{.transposed_a = true, .m = 16, .n = 97, .k = 3}, 4608, 48, 1552},
    // Sums in 256, in 96 of a transposed B.
    {{.transposed_b = true, .m = 512, .n = 1000, .k = 1}, 509952, 2048, 512000},
    {{.transposed_b = true, .m = 16, .n = 6, .k = 97}, 9312, 0, 192},
    // Packed, without the halves of the last rows; not so where it is forbidden.
    {{.m = 600, .n = 513, .k = 50}, 15390000, 0, 0},
    {{.m = 601, .n = 700, .k = 500}, 211400000, 0, 0},
    {{.m = 600, .n = 513, .k = 50, .never_packed = true}, 15390000, 0, 600 * 513},
    // A matrix and a vector: dot products, or columns scaled and added.
    {{.transposed_a = true, .m = 1, .n = 1, .k = 1}, 9, 0, 0},
    {{.transposed_a = true, .m = 2048, .n = 1, .k = 130}, 2048 * 138, 0, 0},
    {{.m = 1, .n = 400, .k = 600}, 400 * 602, 0, 0},
    {{.m = 1, .n = 400, .k = 600, .strided = true}, 400 * 603, 0, 0},
    {{.m = 600, .n = 1, .k = 400}, 240000, 0, 3200},
    {{.transposed_b = true, .m = 1, .n = 513, .k = 2, .strided = true}, 1040, 0, 32},
});

INSTANTIATE_TEST_SUITE_P(Products, Avx2Sgemm, testing::ValuesIn(product_cases));

TEST(Avx2Sgemm, IsKnownToFormulas) {
  EXPECT_EQ(Expression("sgemm(0, 0, 9, 50, 16, 0, 0)").evaluate({}), 12800);
  EXPECT_EQ(Expression("sgemm_apart(0, 0, 9, 50, 16, 0, 0)").evaluate({}), 512);
  EXPECT_EQ(Expression("sgemm_scalings(0, 0, 9, 50, 16, 0, 0)").evaluate({}), 800);
  EXPECT_EQ(Expression("sgemm(0, 0, m, 50, 16, 0, 0)").evaluate({{"m", 0}}), 0);
}

}  // namespace
}  // namespace flopmeter::avx2_sgemm
