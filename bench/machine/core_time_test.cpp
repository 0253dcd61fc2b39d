#include "bench/machine/core_time.h"

#include <gtest/gtest.h>

#include "results/temporary_directory.h"

namespace flopmeter {
namespace {

std::optional<CoreTime> time_of(std::string_view stat) {
  const TemporaryDirectory root;
  root.write("proc/stat", stat);
  return core_time(root.path());
}

// Prevents guests' time from being counted twice: the last two are parts of the first two.
TEST(Steal, IsAShareOfAllTime) {
  const auto from = time_of("cpu  100 0 50 800 10 1 2 37 90 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
  const auto to = time_of("cpu  160 5 60 1000 10 1 2 62 150 5\n");
  ASSERT_TRUE(from && to);
  EXPECT_EQ(from->all, 1000);
  EXPECT_EQ(from->stolen, 37);
  EXPECT_EQ(from->busy, 153);
  EXPECT_DOUBLE_EQ(steal_percent(from, to).value_or(-1), 100.0 * 25 / 300);
}

// Prevents "no steal" where nobody knows.
TEST(Steal, IsUnknownWhereItIsNotShown) {
  EXPECT_FALSE(core_time("/nowhere"));
  EXPECT_FALSE(time_of("cpu  100 0 50 800 10 1 2\n"));
  EXPECT_FALSE(time_of("cpu  100 0 50 800 10 1 2 many\n"));
  const CoreTime time{.stolen = 1, .all = 10};
  EXPECT_FALSE(steal_percent({}, time));
  EXPECT_FALSE(steal_percent(time, {}));
  EXPECT_FALSE(steal_percent(time, time));
}

TEST(CoresOfOthers, AreBusyForNobodyHere) {
  const CoreUse from{.wall = 10, .busy = 100, .own = 7};
  EXPECT_EQ(cores_of_others(from, CoreUse{.wall = 12, .busy = 105, .own = 9}), 1.5);
  EXPECT_EQ(cores_of_others(from, CoreUse{.wall = 12, .busy = 102, .own = 9.01}), 0)
      << "the kernel's ticks are coarser than a process' own time";
}

// Prevents a load that is nothing but the ticks of the kernel's clock.
TEST(CoresOfOthers, AreUnknownWhereNothingTells) {
  const CoreUse from{.wall = 10, .busy = 100, .own = 7};
  EXPECT_FALSE(cores_of_others(from, CoreUse{.wall = 10.1, .busy = 100.05, .own = 7}));
  EXPECT_FALSE(cores_of_others(from, {}));
  EXPECT_FALSE(cores_of_others({}, from));
  EXPECT_FALSE(core_use("/nowhere"));
}

// Prevents one's own threads from being taken for somebody else's.
TEST(CoreUse, OfThisProcessIsItsOwn) {
  const auto from = core_use();
  if (!from) {
    GTEST_SKIP() << "no /proc/stat";
  }
  const double end = from->wall + 0.05;
  auto to = from;
  while (to->wall < end) {
    to = core_use();
  }
  EXPECT_GT(to->own, from->own);
  EXPECT_GE(to->busy, from->busy);
}

}  // namespace
}  // namespace flopmeter
