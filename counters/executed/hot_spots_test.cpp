#include <gmock/gmock.h>
#include <sys/mman.h>

#include <cstring>

#include "counters/executed/counter.h"
#include "counters/executed/translator/memory.h"
#include "counters/executed/translator/translator.h"

namespace flopmeter::executed {
namespace {

[[gnu::noinline]] float hot_function(float x, int times) {
  for (int i = 0; i < times; ++i) {
    x *= 1.5F;
    asm volatile("" : "+x"(x));
  }
  return x;
}

constexpr Arithmetic scalar_multiply{Operation::multiply, Element::f32, 1};

TEST(HotSpots, AFunctionThatNothingExportsIsNamed) {
  if (!has_xsave()) GTEST_SKIP();
  Counter counter;
  counter.run([] { hot_function(1.F, 1000); });
  const std::vector<HotSpot> spots = counter.hot_spots();
  ASSERT_FALSE(spots.empty());
  EXPECT_THAT(spots[0].symbol, testing::HasSubstr("hot_function"));
  EXPECT_EQ(spots[0].module, "counters_test");
  EXPECT_EQ(spots[0].totals.cell(scalar_multiply).active, 1000);
}

TEST(HotSpots, AddUpToTheTotals) {
  if (!has_xsave()) GTEST_SKIP();
  Counter counter;
  counter.run([] { hot_function(1.F, 10); });
  Totals sum;
  for (const HotSpot& spot : counter.hot_spots()) sum += spot.totals;
  EXPECT_EQ(sum, counter.totals());
}

TEST(HotSpots, GeneratedCodeHasNoModule) {
  if (!has_xsave()) GTEST_SKIP();
  constexpr std::uint8_t code[] = {0xf3, 0x0f, 0x59, 0xc0, 0xc3};  // mulss xmm0, xmm0; ret
  void* const generated =
      mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(generated, MAP_FAILED);
  std::memcpy(generated, code, sizeof code);
  mprotect(generated, page_bytes, PROT_READ | PROT_EXEC);
  Counter counter;
  counter.run([&] { reinterpret_cast<void (*)()>(generated)(); });
  const std::vector<HotSpot> spots = counter.hot_spots();
  munmap(generated, page_bytes);
  ASSERT_FALSE(spots.empty());
  EXPECT_EQ(spots[0].module, "");
  EXPECT_EQ(spots[0].symbol, "");
  EXPECT_EQ(spots[0].address, reinterpret_cast<std::uint64_t>(generated));
  EXPECT_EQ(spots[0].bytes, sizeof code);
  EXPECT_EQ(spots[0].totals.cell(scalar_multiply).active, 1);
}

}  // namespace
}  // namespace flopmeter::executed
