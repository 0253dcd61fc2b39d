#include "bench/machine/pinned_team.h"

#include <gmock/gmock.h>
#include <omp.h>

namespace flopmeter {
namespace {

/// Where thread i of a region may run.
std::vector<std::vector<int>> cores_of_threads(int threads) {
  std::vector<std::vector<int>> cores(static_cast<std::size_t>(threads));
#pragma omp parallel num_threads(threads)
  cores[static_cast<std::size_t>(omp_get_thread_num())] = allowed_cores();
  return cores;
}

// Prevents two threads on one core, which would read as half of the machine's speed.
TEST(PinnedTeam, HasACoreForEachThreadAndLetsGo) {
  const std::vector<int> allowed = allowed_cores();
  const int threads = static_cast<int>(std::min<std::size_t>(allowed.size(), 4));
  if (threads < 2) {
    GTEST_SKIP() << "one core";
  }
  {
    const PinnedTeam team(threads);
    const auto cores = cores_of_threads(threads);
    for (std::size_t i = 0; i < cores.size(); ++i) {
      EXPECT_THAT(cores[i], testing::ElementsAre(allowed[i]));
    }
  }
  EXPECT_THAT(cores_of_threads(threads), testing::Each(allowed));
}

TEST(PinnedTeam, LeavesOneThreadAndTooManyAlone) {
  const std::vector<int> allowed = allowed_cores();
  const int too_many = static_cast<int>(allowed.size()) + 1;
  for (const int threads : {1, too_many}) {
    const PinnedTeam team(threads);
    EXPECT_THAT(cores_of_threads(threads), testing::Each(allowed));
  }
}

}  // namespace
}  // namespace flopmeter
