#include "bench/machine/cache.h"

#include <gtest/gtest.h>

#include <fstream>

namespace flopmeter {
namespace {

namespace fs = std::filesystem;

class LastLevelCache : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(root); }
  void TearDown() override { fs::remove_all(root); }

  void write(int index, std::string_view size) const {
    const fs::path directory =
        root / "sys/devices/system/cpu/cpu0/cache" / ("index" + std::to_string(index));
    fs::create_directories(directory);
    std::ofstream(directory / "size") << size << '\n';
  }

  const fs::path root =
      fs::temp_directory_path() /
      ("flopmeter_cache_" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
       ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(LastLevelCache, TakesTheLargestThatSysfsShows) {
  write(0, "32K");
  write(1, "1024K");
  write(2, "32768K");
  EXPECT_EQ(last_level_cache_bytes(root), 32 << 20);
}

TEST_F(LastLevelCache, ReadsMegabytes) {
  write(0, "260M");
  EXPECT_EQ(last_level_cache_bytes(root), 260 << 20);
}

// Prevents "cold" from meaning "warm" in a container without sysfs.
TEST_F(LastLevelCache, IsNeverZero) { EXPECT_GE(last_level_cache_bytes(root), 1 << 16); }

TEST_F(LastLevelCache, EvictsOnSeveralThreads) {
  CacheEvictor evictor(1 << 16);
  evictor.evict(1);
  evictor.evict(2);
  TranslationEvictor translations(100);
  translations.evict(1);
  translations.evict(2);
}

}  // namespace
}  // namespace flopmeter
