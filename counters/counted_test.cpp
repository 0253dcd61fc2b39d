#include "counters/counted.h"

#include <gtest/gtest.h>

#include <array>
#include <type_traits>

namespace flopmeter {
namespace {

using C = Counted<float>;

OpCounts counts_of(std::int64_t OpCounts::*kind, std::int64_t n) {
  OpCounts counts;
  counts.*kind = n;
  return counts;
}

TEST(Counted, PlainOperationsAreOneEach) {
  const C a = 6.0F;
  const C b = 3.0F;
  EXPECT_EQ(count_operations([&] { EXPECT_EQ(C(a + b).value, 9); }), counts_of(&OpCounts::adds, 1));
  EXPECT_EQ(count_operations([&] { EXPECT_EQ(C(a - b).value, 3); }), counts_of(&OpCounts::adds, 1));
  EXPECT_EQ(count_operations([&] { EXPECT_EQ(C(a * b).value, 18); }),
            counts_of(&OpCounts::multiplies, 1));
  EXPECT_EQ(count_operations([&] { EXPECT_EQ(C(a / b).value, 2); }),
            counts_of(&OpCounts::divides, 1));
  EXPECT_EQ(count_operations([&] { EXPECT_EQ(C(-a).value, -6); }), OpCounts{});
}

TEST(Counted, CompoundAssignmentIsTheSame) {
  C a = 6.0F;
  const OpCounts counts = count_operations([&] {
    a += C(3.0F);
    a -= C(1.0F);
    a *= C(2.0F);
    a /= C(4.0F);
  });
  EXPECT_EQ(a.value, 4);
  EXPECT_EQ(counts.adds, 2);
  EXPECT_EQ(counts.multiplies, 1);
  EXPECT_EQ(counts.divides, 1);
  EXPECT_EQ(counts.macs, 0);
}

// The definition: a multiply whose product is added to an accumulator.
TEST(Counted, ProductThenAddedIsAMac) {
  const C a = 2.0F;
  const C b = 5.0F;
  C sum = 1.0F;
  const OpCounts counts = count_operations([&] {
    sum += a * b;
    sum = sum + a * b;
    sum = a * b + sum;
  });
  EXPECT_EQ(sum.value, 31);
  EXPECT_EQ(counts.macs, 3);
  EXPECT_EQ(counts.multiplies, 3);
  EXPECT_EQ(counts.adds, 3);
}

TEST(Counted, ProductStoredFirstIsNoMac) {
  const C a = 2.0F;
  C sum = 1.0F;
  const OpCounts counts = count_operations([&] {
    const C product = a * a;
    sum += product;
  });
  EXPECT_EQ(counts.macs, 0);
  EXPECT_EQ(counts.multiplies, 1);
  EXPECT_EQ(counts.adds, 1);
}

TEST(Counted, FirstProductOfASumIsAMacWithoutAdd) {
  const C a = 2.0F;
  const OpCounts counts = count_operations([&] { EXPECT_EQ(start_sum(a * a).value, 4); });
  EXPECT_EQ(counts.macs, 1);
  EXPECT_EQ(counts.multiplies, 1);
  EXPECT_EQ(counts.adds, 0);
  EXPECT_EQ(start_sum(4.0), 4.0);
  EXPECT_EQ(start_sum(4.0F), 4.0F);
}

TEST(Counted, FmaIsOneOfEachAndFused) {
  const OpCounts counts =
      count_operations([] { EXPECT_EQ(fma(C(2.0F), C(3.0F), C(4.0F)).value, 10); });
  EXPECT_EQ(counts.fmas, 1);
  EXPECT_EQ(counts.macs, 1);
  EXPECT_EQ(counts.multiplies, 1);
  EXPECT_EQ(counts.adds, 1);
}

TEST(Counted, ComparisonsAndSelections) {
  const C a = 2.0F;
  const C b = 3.0F;
  const OpCounts counts = count_operations([&] {
    EXPECT_TRUE(a < b);
    EXPECT_FALSE(a > b);
    EXPECT_TRUE(a <= b);
    EXPECT_FALSE(a >= b);
    EXPECT_FALSE(a == b);
    EXPECT_TRUE(a != b);
    EXPECT_EQ(max(a, b).value, 3);
    EXPECT_EQ(min(a, b).value, 2);
  });
  EXPECT_EQ(counts, counts_of(&OpCounts::comparisons, 8));
}

TEST(Counted, TranscendentalsHaveNames) {
  const C x = 1.0F;
  const OpCounts counts = count_operations([&] {
    EXPECT_FLOAT_EQ(sqrt(x).value, 1);
    EXPECT_FLOAT_EQ(exp(x).value, 2.7182818F);
    EXPECT_FLOAT_EQ(log(x).value, 0);
    EXPECT_FLOAT_EQ(tanh(x).value, 0.76159416F);
    EXPECT_FLOAT_EQ(erf(x).value, 0.84270079F);
    EXPECT_EQ(abs(-x).value, 1);
  });
  EXPECT_EQ(counts.square_roots, 1);
  EXPECT_EQ(counts.exponentials, 1);
  EXPECT_EQ(counts.logarithms, 1);
  EXPECT_EQ(counts.tanhs, 1);
  EXPECT_EQ(counts.erfs, 1);
  EXPECT_EQ(counts.multiplies + counts.adds + counts.comparisons, 0);
}

TEST(Counted, AnglesAndWholeNumbers) {
  const C x = 0.5F;
  const OpCounts counts = count_operations([&] {
    EXPECT_FLOAT_EQ(sin(x).value, 0.47942554F);
    EXPECT_FLOAT_EQ(cos(x).value, 0.87758256F);
    EXPECT_FLOAT_EQ(tan(x).value, 0.54630249F);
    EXPECT_FLOAT_EQ(asin(x).value, 0.52359878F);
    EXPECT_FLOAT_EQ(acos(x).value, 1.0471976F);
    EXPECT_FLOAT_EQ(atan(x).value, 0.46364761F);
    EXPECT_EQ(floor(-x).value, -1);
    EXPECT_EQ(ceil(x).value, 1);
    EXPECT_EQ(trunc(-x).value, 0);
    EXPECT_EQ(rint(x).value, 0);  // halves to even numbers
  });
  EXPECT_EQ(counts, (OpCounts{.trigonometrics = 6, .roundings = 4}));
}

TEST(Counted, ChangeOfTypeIsAConversion) {
  const OpCounts counts = count_operations([] { EXPECT_EQ(Counted<double>(C(2.0F)).value, 2.0); });
  EXPECT_EQ(counts, counts_of(&OpCounts::conversions, 1));
}

// A region inside a region must not disturb the outer tally.
TEST(CountOperations, RestoresTheTally) {
  const C a = 2.0F;
  OpCounts inner;
  const OpCounts outer = count_operations([&] {
    C product = a * a;
    inner = count_operations([&] { product *= a; });
  });
  EXPECT_EQ(outer.multiplies, 1);
  EXPECT_EQ(inner.multiplies, 1);
}

template <class T>
T dot(const std::array<T, 4>& x, const std::array<T, 4>& y) {
  T sum = start_sum(x[0] * y[0]);
  for (std::size_t i = 1; i < x.size(); ++i) {
    sum += x[i] * y[i];
  }
  return sum;
}

TEST(Counted, OneTextServesEveryScalar) {
  const std::array<double, 4> plain{1, 2, 3, 4};
  const std::array<Counted<double>, 4> counted{1, 2, 3, 4};
  EXPECT_EQ(dot(plain, plain), 30);
  const OpCounts counts = count_operations([&] { EXPECT_EQ(dot(counted, counted).value, 30); });
  EXPECT_EQ(counts, sums_of_products(1, 4, false));
}

static_assert(std::is_trivially_copyable_v<C>);

}  // namespace
}  // namespace flopmeter
