#include "bench/machine/cache_size.h"

#include <gtest/gtest.h>

namespace flopmeter {
namespace {

constexpr std::int64_t mebibyte = std::int64_t{1} << 20U;

TEST(CacheSize, IsWhereHalfOfTheSpeedIsGone) {
  const auto step = [](std::int64_t bytes) { return bytes >= 32 * mebibyte ? 3.0 : 1.0; };
  const std::int64_t found = cache_bytes(step);
  EXPECT_GT(found, 16 * mebibyte);
  EXPECT_LT(found, 32 * mebibyte);
}

// One disturbed look at the largest size must not move the middle.
TEST(CacheSize, IsNotMovedByOneOutlier) {
  const auto look = [](std::int64_t bytes) {
    return bytes == 512 * mebibyte ? 50.0 : bytes >= 8 * mebibyte ? 2.0 : 1.0;
  };
  EXPECT_LE(cache_bytes(look), 8 * mebibyte);
}

TEST(CacheSize, OfNoCacheIsTheLeast) {
  EXPECT_EQ(cache_bytes([](std::int64_t) { return 1.0; }), 2 * mebibyte);
}

TEST(CacheSize, IsMeasuredWithinWhatWasLookedAt) {
  double now = 0;
  const std::int64_t found = measured_cache_bytes([&] { return now += 1e-3; });
  EXPECT_GE(found, 2 * mebibyte);
  EXPECT_LE(found, 512 * mebibyte);
  EXPECT_GT(own_cache_bytes(), 0);
}

}  // namespace
}  // namespace flopmeter
