// What Eigen really does, held against its closed form.
#include "kernels/eigen/gemm.h"

#include <gtest/gtest.h>

#include <vector>

#include "counters/counted.h"

namespace flopmeter::eigen {
namespace {

GemmShape shape(std::int64_t m, std::int64_t k, std::int64_t n, bool ta = false, bool tb = false,
                bool accumulate = false) {
  return {m, k, n, {ta ? m : k, ta}, {tb ? k : n, tb}, n, accumulate};
}

OpCounts counted(const GemmShape& s) {
  const UseThreads one(1);
  const std::vector<Counted<float>> a(static_cast<std::size_t>(s.m * s.k), Counted<float>(1));
  const std::vector<Counted<float>> b(static_cast<std::size_t>(s.k * s.n), Counted<float>(2));
  std::vector<Counted<float>> c(static_cast<std::size_t>(s.m * s.n), Counted<float>(3));
  const OpCounts counts = count_operations([&] { gemm(s, a.data(), b.data(), c.data()); });
  const float want = (s.accumulate ? 3.0F : 0.0F) + 2.0F * static_cast<float>(s.k);
  for (const Counted<float>& value : c) {
    EXPECT_EQ(value.value, want);
  }
  return counts;
}

void expect_stated(const GemmShape& s) {
  const OpCounts count = counted(s);
  const OpCounts stated = gemm_counts(s);
  for (const OpKind& kind : op_kinds) {
    ASSERT_EQ(count.*kind.count, stated.*kind.count)
        << kind.name << " of " << s.m << 'x' << s.k << ':' << s.k << 'x' << s.n << " ta"
        << s.a.transposed << " tb" << s.b.transposed << " accumulate" << s.accumulate;
  }
}

/// Every layout of both operands, assigned and accumulated.
void expect_stated_for_all_layouts(std::int64_t m, std::int64_t k, std::int64_t n) {
  for (int bits = 0; bits < 8; ++bits) {
    expect_stated(shape(m, k, n, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0));
  }
}

TEST(EigenGemm, AlphaAddsOneMacForEachResult) {
  const OpCounts counts = counted(shape(64, 64, 64));
  EXPECT_EQ(counts.macs, 266'240);  // 64^3 + 64^2
  EXPECT_EQ(counts.multiplies, 266'242);
  EXPECT_EQ(counts.adds, 266'240);
  EXPECT_EQ(counts.fmas, 0);
}

TEST(EigenGemm, LeftoverRowMergesTwoAccumulators) {
  const OpCounts counts = counted(shape(9, 20, 7));
  EXPECT_EQ(counts.macs, 9 * 7 * 20 + 9 * 7);
  EXPECT_EQ(counts.adds, counts.macs + 8);  // 7 = 2 + 2 + 2 + 1, for 9 / 4 * 4 columns
}

TEST(EigenGemm, TinyProductsHaveNoAlpha) {
  EXPECT_EQ(counted(shape(4, 5, 6)), (OpCounts{.macs = 120, .multiplies = 121, .adds = 96}));
  EXPECT_EQ(counted(shape(4, 5, 6, false, false, true)),
            (OpCounts{.macs = 120, .multiplies = 121, .adds = 120}));
}

TEST(EigenGemm, VectorsGoToGemv) {
  EXPECT_EQ(counted(shape(30, 50, 1)).macs, 30 * 50 + 30);
  EXPECT_EQ(counted(shape(1, 50, 30)).macs, 30 * 50 + 30);
  // By columns, 16 at a time from 128 on: 13 sweeps over the results.
  EXPECT_EQ(counted(shape(1, 200, 30)).macs, 30 * 200 + 13 * 30);
  EXPECT_EQ(counted(shape(1, 200, 30, false, true)).macs, 30 * 200 + 30);
  EXPECT_EQ(counted(shape(1, 200, 1)), (OpCounts{.macs = 201, .multiplies = 201, .adds = 200}));
}

TEST(EigenGemm, DeepProductsScaleOnceForEachBlock) {
  // No cache that Eigen knows of lets a block be that deep.
  const OpCounts counts = counted(shape(8, 20'000, 8));
  EXPECT_GE(counts.macs, 8 * 8 * 20'000 + 2 * 64);
}

TEST(EigenGemm, StatedEqualsCountedAtTheEdges) {
  for (std::int64_t m = 1; m <= 40; m = m < 21 ? m + 1 : m + 6) {
    for (std::int64_t n = 1; n <= 40; n = n < 21 ? n + 1 : n + 6) {
      for (const std::int64_t k : {1, 2, 3, 7, 8, 9, 16, 17, 18, 19, 20, 31, 40}) {
        expect_stated_for_all_layouts(m, k, n);
      }
    }
  }
}

TEST(EigenGemm, StatedEqualsCountedWhenDeep) {
  for (const std::int64_t m : {1, 2, 5, 12, 33}) {
    for (const std::int64_t n : {1, 3, 4, 17}) {
      for (const std::int64_t k :
           {127, 128, 250, 288, 289, 623, 625, 1360, 1361, 2000, 3517, 5000}) {
        expect_stated_for_all_layouts(m, k, n);
      }
    }
  }
}

// Blocks of rows and of columns: few columns make Eigen cut the rows, by odd lengths too.
TEST(EigenGemm, StatedEqualsCountedWhenWide) {
  for (const std::int64_t m : {2, 5, 8}) {
    for (const std::int64_t n : {301, 1000, 2047, 5001}) {
      for (const std::int64_t k : {1, 20, 51, 120, 250}) {
        expect_stated_for_all_layouts(m, k, n);
        expect_stated_for_all_layouts(n, k, m);
      }
    }
  }
  expect_stated(shape(401, 700, 403));
}

TEST(EigenGemm, StridedOperands) {
  const GemmShape strided{3, 130, 40, {130, false}, {50, false}, 45, true};
  const std::vector<Counted<float>> a(std::size_t{3} * 130, Counted<float>(1));
  const std::vector<Counted<float>> b(std::size_t{130} * 50, Counted<float>(1));
  std::vector<Counted<float>> c(std::size_t{3} * 45, Counted<float>(0));
  const OpCounts counts = count_operations([&] { gemm(strided, a.data(), b.data(), c.data()); });
  EXPECT_EQ(counts, gemm_counts(strided));
  EXPECT_EQ(c[39].value, 130.0F);
  EXPECT_EQ(c[40].value, 0.0F);  // between the rows
}

TEST(EigenGemm, CountsThatDoNotFitThrow) {
  const std::int64_t huge = std::int64_t{1} << 31;
  EXPECT_THROW(gemm_counts(shape(huge, huge, huge)), CountOverflow);
}

}  // namespace
}  // namespace flopmeter::eigen
