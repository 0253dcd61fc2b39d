#include "bench/machine/memory_pages.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <bit>
#include <cstring>

#include "results/temporary_directory.h"

namespace flopmeter {
namespace {

TEST(MemoryPages, AreAlignedAndWritable) {
  for (const std::int64_t bytes : {std::int64_t{1}, std::int64_t{4096}, std::int64_t{3} << 20U}) {
    const MemoryPages pages(bytes);
    EXPECT_EQ(std::bit_cast<std::uintptr_t>(pages.data()) % (2 << 20), 0);
    std::memset(pages.data(), 1, static_cast<std::size_t>(bytes));
  }
}

// Prevents loops that go on beyond their arrays, unseen.
TEST(MemoryPagesDeathTest, LieBetweenPagesThatNobodyMayTouch) {
  const MemoryPages pages(4096);
  EXPECT_DEATH(pages.data()[4096] = std::byte{1}, "");
  EXPECT_DEATH(*(pages.data() - 1) = std::byte{1}, "");
}

constexpr std::string_view smaps =
    "55d0c0000000-55d0c0200000 r-xp 00000000 08:01 123 /usr/bin/flopmeter\n"
    "Rss:                1000 kB\n"
    "AnonHugePages:         0 kB\n"
    "VmFlags: rd ex mr mw me\n"
    "7f0000200000-7f0000a00000 rw-p 00000000 00:00 0\n"
    "Size:               8192 kB\n"
    "Rss:                8192 kB\n"
    "AnonHugePages:      6144 kB\n"
    "VmFlags: rd wr mr mw me\n"
    "7f0000c00000-7f0001000000 rw-p 00000000 00:00 0\n"
    "Rss:                4096 kB\n"
    "VmFlags: rd wr mr mw me\n";

std::string described(std::uintptr_t address) {
  const TemporaryDirectory root;
  root.write("proc/self/smaps", smaps);
  return describe(page_use(std::bit_cast<std::byte*>(address), root.path()));
}

TEST(PageUse, IsThatOfTheMappingThatBeginsThere) {
  EXPECT_EQ(described(0x7f0000200000), "2 MiB (transparent), 75 %");
}

// Prevents huge pages that were asked for from passing as had.
TEST(PageUse, IsUnknownWhereItIsNotShown) {
  EXPECT_EQ(described(0x7f0000c00000), "unknown");
  EXPECT_EQ(described(0x7f0000400000), "unknown");
  EXPECT_EQ(describe(page_use(nullptr, "/nowhere")), "unknown");
}

TEST(PageUse, NamesPages) {
  EXPECT_EQ(describe(PageUse{1 << 20, 0}), "4 KiB");
  EXPECT_EQ(describe(PageUse{4 << 20, 4 << 20}), "2 MiB (transparent)");
  EXPECT_EQ(describe(PageUse{0, 0}), "unknown");
}

}  // namespace
}  // namespace flopmeter
