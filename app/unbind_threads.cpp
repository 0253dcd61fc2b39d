#include "app/unbind_threads.h"

#include <sched.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace flopmeter {
namespace {

constexpr std::array<const char*, 4> binding_variables{"OMP_PROC_BIND", "OMP_PLACES",
                                                       "GOMP_CPU_AFFINITY", "KMP_AFFINITY"};

}  // namespace

void unbind_threads(char** argv) {
  bool bound = false;
  for (const char* name : binding_variables) {
    bound = bound || std::getenv(name) != nullptr;
    unsetenv(name);
  }
  if (!bound) {
    return;
  }
  cpu_set_t cores;
  if (sched_getaffinity(getppid(), sizeof cores, &cores) == 0) {
    sched_setaffinity(0, sizeof cores, &cores);
  }
  execv("/proc/self/exe", argv);
}

}  // namespace flopmeter
