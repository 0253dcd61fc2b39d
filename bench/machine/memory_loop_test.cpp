#include "bench/machine/memory_loop.h"

#include <gmock/gmock.h>

#include <atomic>

namespace flopmeter {
namespace {

// A clock that moves on by a millisecond at each look.
Clock ticks() {
  auto looks = std::make_shared<std::atomic<int>>(0);
  return [looks] { return 1e-3 * (*looks)++; };
}

/// What a value that was 1 everywhere is where the operation has written.
float value_after(MemoryOperation operation) {
  switch (operation) {
    case MemoryOperation::load:
    case MemoryOperation::copy:
      return 1;
    case MemoryOperation::triad:
      return 1 + MemoryCode::scale;
    default:
      return MemoryCode::scale;
  }
}

class EveryMemoryLoop : public testing::TestWithParam<MemoryOperation> {};

// Prevents a working set that is another than it is said to be: in a smaller one than asked for the
// operation may stay in a nearer cache, in a larger one not in its own.
TEST_P(EveryMemoryLoop, GoesThroughAsMuchAsIsAskedForToABlock) {
  const std::int64_t block = streams(GetParam()) * MemoryCode(GetParam()).block_bytes();
  for (const std::int64_t asked : {4 << 10, 24 << 10, 100'000, 1 << 20}) {
    const MemoryLoop loop(GetParam(), asked, 1);
    EXPECT_EQ(loop.bytes(), asked / block * block);
    EXPECT_GE(loop.bytes(), 3 << 10);
  }
  EXPECT_EQ(MemoryLoop(GetParam(), 1, 1).bytes(), block);
}

// Prevents a rate of other bytes than those that were moved, or of another time.
TEST_P(EveryMemoryLoop, DividesTheBytesOfWholeLooksByTheTimeOfTheClock) {
  const MemoryLoop loop(GetParam(), 24 << 10, 1, ticks());
  EXPECT_DOUBLE_EQ(loop.burst(1e-3), static_cast<double>(loop.bytes_a_look()) / 1e-3);
  EXPECT_NEAR(loop.burst(5e-3), static_cast<double>(loop.bytes_a_look()) / 1e-3, 1);
  const std::int64_t block = streams(GetParam()) * MemoryCode(GetParam()).block_bytes();
  EXPECT_EQ(loop.bytes_a_look(), (8 << 20) / block * block);
}

// Prevents threads that share an array, or a rate of one of them.
TEST_P(EveryMemoryLoop, WritesInTheMemoryOfEachThread) {
  const auto arrays = std::make_shared<MemoryArrays>(1 << 16, 2);
  const MemoryLoop loop(GetParam(), arrays);
  EXPECT_GT(loop.burst(1e-4), 0);
  for (int thread = 0; thread < 2; ++thread) {
    const auto* const values = reinterpret_cast<const float*>(arrays->of(thread));
    const std::int64_t written = loop.bytes() / streams(GetParam()) / std::int64_t{sizeof(float)};
    const float expected = value_after(GetParam());
    for (std::int64_t i = 0; i < (1 << 16) / std::int64_t{sizeof(float)}; ++i) {
      ASSERT_EQ(values[i], i < written ? expected : 1) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EveryMemoryLoop, testing::ValuesIn(memory_operations()),
                         [](const auto& row) {
                           std::string name(name_of(row.param));
                           std::erase_if(name, [](char c) { return c == ' ' || c == '-'; });
                           return name;
                         });

// Prevents bursts of main memory that find again what the burst before left in a cache: each
// goes on where that ended.
TEST(MemoryLoop, GoesOnInLargeArrays) {
  constexpr std::int64_t mega = 1 << 20;
  const auto arrays = std::make_shared<MemoryArrays>(130 * mega, 1);
  const MemoryLoop loop(MemoryOperation::store, arrays, ticks());
  const auto* const values = reinterpret_cast<const float*>(arrays->of(0));
  const auto written = [&](std::int64_t megabyte) {
    return values[megabyte * mega / std::int64_t{sizeof(float)}] == MemoryCode::scale;
  };
  loop.burst(1e-3);  // one look untimed, one timed
  EXPECT_TRUE(written(0) && written(15) && !written(16));
  loop.burst(1e-3);
  EXPECT_TRUE(written(16) && written(31) && !written(32));
}

// Prevents a first pass from the next level in the time of a set that fits.
TEST(MemoryLoop, GoesThroughSmallerArraysWhole) {
  constexpr std::int64_t mega = 1 << 20;
  const auto arrays = std::make_shared<MemoryArrays>(20 * mega, 1);
  const MemoryLoop loop(MemoryOperation::load, arrays, ticks());
  EXPECT_NEAR(loop.burst(1e-3), static_cast<double>(24 * mega) / 3e-3, 1);
}

TEST(MemoryLoop, SaysWhatPagesItIsOn) {
  EXPECT_FALSE(MemoryLoop(MemoryOperation::load, 4 << 10, 1).pages().empty());
}

}  // namespace
}  // namespace flopmeter
