#include "validate/executed/version_range.h"

#include <gtest/gtest.h>

#include <array>

#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

TEST(VersionRange, HoldsBetweenItsBounds) {
  EXPECT_TRUE(VersionRange("<3").holds("2.6.3"));
  EXPECT_FALSE(VersionRange("<3").holds("3.0.0"));
  EXPECT_TRUE(VersionRange(">=3").holds("3.0.0"));
  EXPECT_FALSE(VersionRange(">=3").holds("2.6.3"));
  const VersionRange between(">=3.7 <3.10");
  EXPECT_FALSE(between.holds("3.6.9"));
  EXPECT_TRUE(between.holds("3.7.0"));
  EXPECT_TRUE(between.holds("3.9.12")) << "numbers, not letters";
  EXPECT_FALSE(between.holds("3.10"));
}

TEST(VersionRange, AnUnknownVersionIsInNone) {
  EXPECT_TRUE(VersionRange().holds(""));
  EXPECT_FALSE(VersionRange("<3").holds(""));
  EXPECT_FALSE(VersionRange(">=3").holds(""));
}

// Prevents an effect that never holds, or always.
TEST(VersionRange, RefusesWhatIsNoBound) {
  constexpr std::array<const char*, 8> wrong{"", "3", "=3", ">3", "<", ">=3.x", "<3 ..", ">=-3"};
  for (const char* text : wrong) {
    EXPECT_THROW(VersionRange{text}, BadInput) << text;
  }
}

}  // namespace
}  // namespace flopmeter
