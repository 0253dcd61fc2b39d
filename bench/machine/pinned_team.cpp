#include "bench/machine/pinned_team.h"

#include <omp.h>

#include <cstddef>

namespace flopmeter {

std::vector<int> allowed_cores() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof(mask), &mask) == 0) {
    for (int core = 0; core < CPU_SETSIZE; ++core) {
      if (CPU_ISSET(static_cast<std::size_t>(core), &mask)) {
        cores.push_back(core);
      }
    }
  }
  return cores.empty() ? std::vector<int>{0} : cores;
}

// OpenMP implementations keep the threads of a region for the next one of as many, in their order.
PinnedTeam::PinnedTeam(int threads) : threads_(threads) {
  CPU_ZERO(&before_);
  const std::vector<int> cores = allowed_cores();
  if (threads == 1 || static_cast<std::size_t>(threads) > cores.size() ||
      sched_getaffinity(0, sizeof(before_), &before_) != 0) {
    threads_ = 1;
    return;
  }
#pragma omp parallel num_threads(threads_)
  {
    cpu_set_t own;
    CPU_ZERO(&own);
    CPU_SET(static_cast<std::size_t>(cores[static_cast<std::size_t>(omp_get_thread_num())]), &own);
    sched_setaffinity(0, sizeof(own), &own);
  }
}

PinnedTeam::~PinnedTeam() {
  if (threads_ > 1) {
#pragma omp parallel num_threads(threads_)
    sched_setaffinity(0, sizeof(before_), &before_);
  }
}

}  // namespace flopmeter
