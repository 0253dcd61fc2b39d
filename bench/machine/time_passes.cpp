#include "bench/machine/time_passes.h"

#include <vector>

#include "statistics/statistics.h"

namespace flopmeter {
namespace {

// 10 to 200 microseconds, of which the look takes 0.5 % at most, and which a scheduler interrupts
// rarely.
constexpr std::int64_t passes_per_look = 1000;
// 5 microseconds: before the clock changes or wide units go to sleep.
constexpr std::int64_t cycles_passes_per_look = 200;
constexpr std::size_t least_looks = 9;

}  // namespace

Timing time_passes(const Passes& loop, const Passes& cycles_loop, double cycles_per_pass,
                   const Clock& clock, double seconds) {
  loop(passes_per_look);
  const double begin = clock();
  std::vector<double> times;
  std::vector<double> cycles;
  for (double now = begin; now - begin < seconds || times.size() < least_looks;) {
    const double start = clock();
    loop(passes_per_look);
    const double middle = clock();
    cycles_loop(cycles_passes_per_look);
    now = clock();
    times.push_back((middle - start) / static_cast<double>(passes_per_look));
    const double cycle =
        (now - middle) / static_cast<double>(cycles_passes_per_look) / cycles_per_pass;
    cycles.push_back(times.back() / cycle);
  }
  return {median(times), median(cycles)};
}

}  // namespace flopmeter
