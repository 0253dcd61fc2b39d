// The cores that this process may run on, and OpenMP threads that stay on them.
#pragma once

#include <sched.h>

#include <vector>

namespace flopmeter {

/// Numbers of the logical cores in the process's affinity mask, ascending.
std::vector<int> allowed_cores();

/// As long as it lives, thread i of OpenMP regions of so many threads runs on the i-th allowed core
/// alone. One thread is not pinned: a busy machine's scheduler moves it to where there is room.
/// More threads than cores are not pinned either. Where Linux refuses, threads stay as they are.
class PinnedTeam {
 public:
  explicit PinnedTeam(int threads);
  ~PinnedTeam();
  PinnedTeam(const PinnedTeam&) = delete;
  PinnedTeam& operator=(const PinnedTeam&) = delete;

 private:
  int threads_;
  cpu_set_t before_;
};

}  // namespace flopmeter
