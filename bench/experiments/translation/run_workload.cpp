// Runs one workload so many times and prints the seconds of a call: what valgrind is measured on.
#include <omp.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "bench/experiments/translation/workload.h"

int main(int argc, char** argv) {
  const auto* const workload = argc == 3 ? flopmeter::translation::find_workload(argv[1]) : nullptr;
  const int calls = argc == 3 ? std::atoi(argv[2]) : 0;
  if (workload == nullptr || calls < 1) {
    std::fprintf(stderr, "run_workload <workload> <calls, at least 1>\n");
    return 2;
  }
  omp_set_num_threads(1);
  const auto call = workload->make();
  call();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) call();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::printf("%.9g\n", seconds.count() / calls);
}
