#include "app/result_agreement.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace flopmeter {
namespace {

using ::testing::HasSubstr;

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

ResultAgreement compared(std::vector<double> truth, const std::vector<float>& got,
                         double absolute = 1e-3) {
  models::TrueResult one{.name = "y", .values = std::move(truth)};
  one.absolute = absolute;
  return compare_results({one}, [&](const std::string&) { return got; }).front();
}

TEST(ResultAgreement, WhatIsNoNumberInBothAgreesAndIsCounted) {
  const ResultAgreement both = compared({1, std::nan(""), 3}, {1, not_a_number, 3});
  EXPECT_TRUE(both.agrees) << both.reason;
  EXPECT_THAT(both.against, HasSubstr("1 of 3 elements are not a number in both"));
  EXPECT_FALSE(compared({1, 2, 3}, {1, not_a_number, 3}).agrees);
  EXPECT_FALSE(compared({1, std::nan(""), 3}, {1, 2, 3}).agrees);
}

// Prevents a tolerance of infinity, with which everything agrees.
TEST(ResultAgreement, InfinityIsNoLargestValue) {
  const double all = HUGE_VAL;
  EXPECT_TRUE(compared({1, -all, 3}, {1, -infinity, 3}).agrees);
  EXPECT_FALSE(compared({1, -all, 3}, {1, infinity, 3}).agrees);
  EXPECT_FALSE(compared({1, -all, 3}, {1, -infinity, 4}).agrees);
  EXPECT_TRUE(compared({1, 1e39, 3}, {1, infinity, 3}).agrees) << "no number in f32";
  EXPECT_FALSE(compared({1, 1e30, 3}, {1, infinity, 3}).agrees);
}

}  // namespace
}  // namespace flopmeter
