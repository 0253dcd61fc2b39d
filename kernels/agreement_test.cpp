#include "kernels/agreement.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

namespace flopmeter {
namespace {

using testing::HasSubstr;

constexpr Tolerance tolerance{.absolute = 1e-5, .relative = 1e-6};
const std::vector<double> truth{0.5, -2, 3.25, 100};

Agreement check(const std::vector<float>& got, const std::vector<double>& expected = truth) {
  return check_agreement(got, expected, tolerance);
}

TEST(Agreement, AcceptsRoundingWithinTheTolerance) {
  const Agreement result = check({0.5F, -2.000001F, 3.25F, 100.00002F});
  EXPECT_TRUE(result.passed);
  EXPECT_FALSE(result.trivial);
  EXPECT_EQ(result.reason, "");
  EXPECT_EQ(result.index, 3U);
  EXPECT_NEAR(result.max_error, 2e-5, 1e-5);
  EXPECT_DOUBLE_EQ(result.tolerance, 1e-5 + 1e-6 * 100);
}

// Prevents a kernel that is wrong in one place from being timed.
TEST(Agreement, RejectsOneElementOffByOne) {
  const Agreement result = check({0.5F, -1, 3.25F, 100});
  EXPECT_FALSE(result.passed);
  EXPECT_EQ(result.index, 1U);
  EXPECT_DOUBLE_EQ(result.max_error, 1);
  EXPECT_THAT(result.reason, HasSubstr("element 1 is -1, the truth is -2"));
}

// Prevents a transposed result, whose sum is right, from being timed.
TEST(Agreement, RejectsASwappedPair) { EXPECT_FALSE(check({0.5F, 3.25F, -2, 100}).passed); }

// Prevents "nothing done" from being the fastest backend. NaN compares false with everything.
TEST(Agreement, RejectsAnElementNeverWritten) {
  for (std::size_t i = 0; i < truth.size(); ++i) {
    std::vector<float> got(truth.begin(), truth.end());
    got[i] = std::numeric_limits<float>::quiet_NaN();
    const Agreement result = check(got);
    EXPECT_FALSE(result.passed);
    EXPECT_EQ(result.index, i);
    EXPECT_THAT(result.reason, HasSubstr("not a number"));
  }
}

TEST(Agreement, RejectsInfinityWhereTheTruthIsFinite) {
  EXPECT_FALSE(check({0.5F, -2, 3.25F, HUGE_VALF}).passed);
}

TEST(Agreement, RejectsAllZeros) { EXPECT_FALSE(check({0, 0, 0, 0}).passed); }

// Prevents a wide tolerance from accepting an output that was only cleared.
TEST(Agreement, RejectsAUniformOutputWithinTheTolerance) {
  const Agreement result =
      check_agreement(std::vector<float>{0, 0}, std::vector<double>{0.1, -0.1}, {.absolute = 1});
  EXPECT_FALSE(result.passed);
  EXPECT_THAT(result.reason, HasSubstr("all elements are 0"));
}

TEST(Agreement, RejectsAnotherNumberOfElements) {
  EXPECT_THAT(check({0.5F, -2}).reason, HasSubstr("2 elements instead of 4"));
}

TEST(Agreement, ZeroToleranceAcceptsOnlyEquality) {
  const std::vector<double> expected{1, 2};
  EXPECT_TRUE(check_agreement(std::vector<float>{1, 2}, expected, {}).passed);
  EXPECT_FALSE(check_agreement(std::vector<float>{1, 2.0000002F}, expected, {}).passed);
}

// Prevents a relative tolerance of infinity, or a comparison with what is not a number, from passing anything.
TEST(Agreement, InfinityAgreesWithItselfAlone) {
  const auto passed = [](float got, const Tolerance& within) {
    const std::vector<double> wanted{1, -HUGE_VAL};
    return check_agreement(std::vector<float>{1, got}, wanted, within).passed;
  };
  for (const Tolerance& within : {Tolerance{1e-3, 0}, Tolerance{0, 1e-3}}) {
    EXPECT_TRUE(passed(-HUGE_VALF, within));
    EXPECT_FALSE(passed(HUGE_VALF, within));
    EXPECT_FALSE(passed(3, within));
  }
}

// Prevents "agrees" from being said of a truth that no computation is needed for.
TEST(Agreement, SaysWhenTheTruthIsTrivial) {
  EXPECT_TRUE(check({0, 0}, {0, 0}).trivial);
  EXPECT_TRUE(check({7, 7}, {7, 7}).trivial);
  EXPECT_TRUE(check({0}, {0}).trivial);
  EXPECT_FALSE(check({7}, {7}).trivial);
  EXPECT_TRUE(check({0, 0}, {0, 0}).passed);
}

}  // namespace
}  // namespace flopmeter
