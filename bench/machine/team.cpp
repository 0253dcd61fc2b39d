#include "bench/machine/team.h"

#include <fmt/format.h>
#include <omp.h>

#include <cstddef>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace flopmeter {

void run_team(int threads, const std::function<void(int)>& work) {
  if (threads == 1) {
    work(0);
    return;
  }
  int present = 0;
#pragma omp parallel num_threads(threads) reduction(+ : present)
  {
#pragma omp barrier
    work(omp_get_thread_num());
    present += 1;
  }
  if (present != threads) {
    throw std::runtime_error(fmt::format("{} threads asked for, OpenMP gave {}", threads, present));
  }
}

double sum_over_team(int threads, const std::function<double(int)>& work) {
  std::vector<double> results(static_cast<std::size_t>(threads));
  run_team(threads, [&](int thread) { results[static_cast<std::size_t>(thread)] = work(thread); });
  return std::accumulate(results.begin(), results.end(), 0.0);
}

}  // namespace flopmeter
