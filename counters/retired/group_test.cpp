#include "counters/retired/group.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "counters/retired/absence.h"

namespace flopmeter::retired {
namespace {

/// Writes to that many pages of new memory.
void touch(std::size_t pages) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* memory =
      mmap(nullptr, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  madvise(memory, pages * page, MADV_NOHUGEPAGE);
  for (std::size_t i = 0; i < pages; ++i) {
    static_cast<volatile char*>(memory)[i * page] = 1;
  }
  munmap(memory, pages * page);
}

// The kernel's own events need no PMU: they show that groups are opened, started, stopped and read
// as this kernel wants it.
TEST(RetiredGroup, CountsWithTheRealKernel) {
  Group group(kernel_perf_events());
  for (const std::uint64_t config : {PERF_COUNT_SW_PAGE_FAULTS, PERF_COUNT_SW_TASK_CLOCK}) {
    const Encoding encoding{.type = PERF_TYPE_SOFTWARE, .config = config, .reason = {}};
    if (const int result = group.add(encoding, group.members().size()); result < 0) {
      GTEST_SKIP() << open_failure(-result);
    }
  }
  touch(100);  // before the start: does not count
  for (const std::size_t pages : {300, 7}) {
    group.start();
    touch(pages);
    group.stop();
    touch(100);
    const auto counted = group.counted();
    ASSERT_TRUE(counted);
    EXPECT_GE(counted->counts[0], pages);
    EXPECT_LT(counted->counts[0], pages + 50);
    EXPECT_GT(counted->enabled, 0);
    EXPECT_EQ(counted->running, counted->enabled);
  }
}

TEST(RetiredGroup, HasCountedNothingBeforeItWasStarted) {
  const Group group(kernel_perf_events());
  EXPECT_FALSE(group.counted());
}

}  // namespace
}  // namespace flopmeter::retired
