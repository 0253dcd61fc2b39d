#include "bench/machine/team.h"

#include <fmt/format.h>
#include <omp.h>

#include <stdexcept>

namespace flopmeter {

double sum_over_team(int threads, const std::function<double(int)>& work) {
  if (threads == 1) {
    return work(0);
  }
  double total = 0;
  int present = 0;
#pragma omp parallel num_threads(threads) reduction(+ : total, present)
  {
#pragma omp barrier
    total += work(omp_get_thread_num());
    present += 1;
  }
  if (present != threads) {
    throw std::runtime_error(fmt::format("{} threads asked for, OpenMP gave {}", threads, present));
  }
  return total;
}

}  // namespace flopmeter
