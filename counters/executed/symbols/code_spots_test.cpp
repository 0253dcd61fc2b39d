#include "counters/executed/symbols/code_spots.h"

#include <gmock/gmock.h>

namespace flopmeter::executed {
namespace {

Located nowhere(std::uint64_t) { return {}; }

TEST(CodeSpots, BlocksOfAFunctionAreOneWhateverLiesBetween) {
  const std::vector<CodeRange> blocks{{0x9000, 8}, {0x1000, 4}, {0x2000, 4}};
  const auto spots = code_spots(blocks, [](std::uint64_t address) {
    return Located{{"/lib/x.so", address == 0x2000 ? "other" : "function"}};
  });
  ASSERT_EQ(spots.size(), 2);
  EXPECT_EQ(spots[0].place.symbol, "function");
  EXPECT_THAT(spots[0].blocks, testing::ElementsAre(1, 0));
  EXPECT_EQ(spots[0].range.address, 0x1000);
  EXPECT_EQ(spots[0].range.bytes, 0x8008);
  EXPECT_THAT(spots[1].blocks, testing::ElementsAre(2));
}

TEST(CodeSpots, APlaceIsAskedForOnceUpToItsEnd) {
  const std::vector<CodeRange> blocks{{0x1000, 4}, {0x10fe, 2}, {0x1100, 4}};
  int asked = 0;
  const auto spots = code_spots(blocks, [&](std::uint64_t address) {
    ++asked;
    return Located{{"/lib/x.so", address < 0x1100 ? "first" : "second"},
                   address < 0x1100 ? 0x1100U : 0x1200U};
  });
  EXPECT_EQ(asked, 2);
  ASSERT_EQ(spots.size(), 2);
  EXPECT_THAT(spots[0].blocks, testing::ElementsAre(0, 1));
  EXPECT_EQ(spots[0].range.bytes, 0x100);
  EXPECT_EQ(spots[1].place.symbol, "second");
}

TEST(CodeSpots, GeneratedCodeIsOneUpToAGapOfAPage) {
  const std::vector<CodeRange> blocks{{0x1000, 16}, {0x1400, 16}, {0x2408, 8}, {0x4000, 4}};
  const auto spots = code_spots(blocks, nowhere);
  ASSERT_EQ(spots.size(), 2);
  EXPECT_THAT(spots[0].blocks, testing::ElementsAre(0, 1, 2));
  EXPECT_EQ(spots[0].range.bytes, 0x1410);
}

TEST(CodeSpots, GeneratedCodeThatBeginsAPageIsAnother) {
  const std::vector<CodeRange> apart{{0x1000, 16}, {0x2000, 16}};
  EXPECT_EQ(code_spots(apart, nowhere).size(), 2);
  const std::vector<CodeRange> touching{{0x1ff0, 16}, {0x2000, 16}};
  EXPECT_EQ(code_spots(touching, nowhere).size(), 1);
}

}  // namespace
}  // namespace flopmeter::executed
