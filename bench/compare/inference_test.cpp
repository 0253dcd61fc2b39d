#include "bench/compare/inference.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

namespace flopmeter::compare {
namespace {

using testing::ElementsAre;

using Values = std::vector<double>;

TEST(Inference, HodgesLehmannIsTheMedianOfAllDifferences) {
  // Differences 9, 8, 6, 19, 18, 16.
  EXPECT_DOUBLE_EQ(hodges_lehmann_shift(Values{1, 2, 4}, Values{10, 20}), 12.5);
  EXPECT_DOUBLE_EQ(hodges_lehmann_shift(Values{3}, Values{1}), -2);
}

// Prevents one interrupted sample from moving the result.
// Prevents that a file with 20,000 samples a row takes minutes and gigabytes: all pairs of these are
// 4e8. Evenly spread values keep their shift and their mean absolute difference of a third.
TEST(Inference, ManyValuesInBoundedTime) {
  Values a;
  Values b;
  for (int i = 0; i < 200'000; ++i) {
    a.push_back(i / 200'000.0);
    b.push_back(i / 200'000.0 + 7);
  }
  EXPECT_NEAR(hodges_lehmann_shift(a, b), 7, 1e-2);
  EXPECT_NEAR(pairwise_deviation(a), std::sqrt(std::numbers::pi) / 6, 1e-3);
}

TEST(Inference, HodgesLehmannWithstandsAnOutlier) {
  EXPECT_DOUBLE_EQ(hodges_lehmann_shift(Values{1, 1, 1, 1, 1}, Values{2, 2, 2, 2, 900}), 1);
}

TEST(Inference, PairwiseDeviation) {
  // Pairs differ by 1, 3 and 2: 2 on average.
  EXPECT_DOUBLE_EQ(pairwise_deviation(Values{0, 1, 3}), std::sqrt(std::acos(-1.0)));
  EXPECT_EQ(pairwise_deviation(Values{7}), 0);
}

// Against printed tables of Student's t.
TEST(Inference, Student) {
  EXPECT_NEAR(student_quantile(0.025, 1), 12.706, 5e-4);
  EXPECT_NEAR(student_quantile(0.025, 6), 2.447, 5e-4);
  EXPECT_NEAR(student_quantile(0.0005, 6), 5.959, 5e-4);
  EXPECT_NEAR(student_quantile(0.05, 30), 1.697, 5e-4);
  EXPECT_DOUBLE_EQ(student_tail(0, 3), 0.5);
  EXPECT_NEAR(student_tail(-2.447, 6), 0.975, 1e-4);
  EXPECT_NEAR(student_tail(student_quantile(0.01, 1.5), 1.5), 0.01, 1e-12);
}

// Without a margin this is the two-sided t test; with one, a shift as large as the margin is no
// news.
TEST(Inference, MarginPValue) {
  EXPECT_NEAR(margin_p_value(2.447, 1, 0, 6), 0.05, 1e-4);
  EXPECT_DOUBLE_EQ(margin_p_value(-2, 1, 0.5, 6), margin_p_value(2, 1, 0.5, 6));
  EXPECT_NEAR(margin_p_value(0.03, 0.001, 0.03, 6), 0.5, 1e-6);
  EXPECT_DOUBLE_EQ(margin_p_value(0, 1, 0, 6), 1);
}

TEST(Inference, Holm) {
  // 3 x 0.01; 2 x 0.02, the larger one of it and what came before; 1 x 0.03 likewise.
  EXPECT_THAT(holm(Values{0.03, 0.01, 0.02}), ElementsAre(0.04, 0.03, 0.04));
  EXPECT_THAT(holm(Values{0.9, 0.8}), ElementsAre(1, 1));
  EXPECT_TRUE(holm({}).empty());
}

TEST(Inference, BetweenDeviation) {
  // The middle one of |residual| is a normal's quartile at deviation 0.02: 0.02^2 - 0.012^2 is
  // left.
  const Values residuals{-0.5, 0.02 * 0.67448975, 0.001};
  EXPECT_NEAR(between_deviation(residuals, Values{0, 0, 0}), 0.02, 1e-9);
  EXPECT_NEAR(between_deviation(residuals, Values(3, 0.012 * 0.012)), 0.016, 1e-9);
  EXPECT_EQ(between_deviation(residuals, Values(3, 0.05 * 0.05)), 0);
  EXPECT_EQ(between_deviation(Values{0, 0}, Values{0, 0}), 0);
}

}  // namespace
}  // namespace flopmeter::compare
