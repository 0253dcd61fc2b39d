#include "bench/fma/rounds.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "bench/statistics.h"

namespace flopmeter {
namespace {

// 10 to 200 microseconds, of which the look takes 0.5 % at most, and which a scheduler interrupts
// rarely.
constexpr std::int64_t passes_per_look = 1000;
// 5 microseconds: before the clock changes or wide units go to sleep.
constexpr std::int64_t cycles_passes_per_look = 200;
constexpr std::size_t least_looks = 9;

Estimate estimate_of(const std::vector<double>& values) {
  return {median(values), median_deviation(values)};
}

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

std::vector<std::vector<Timing>> take_rounds(std::size_t loops, std::size_t rounds,
                                             const std::function<Timing(std::size_t)>& look) {
  std::vector<std::vector<Timing>> timings(loops, std::vector<Timing>(rounds));
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < loops; ++i) {
      const std::size_t loop = round % 2 == 0 ? i : loops - 1 - i;
      timings[loop][round] = look(loop);
    }
  }
  return timings;
}

Estimate estimate(std::span<const Timing> timings, double Timing::*member) {
  std::vector<double> values;
  std::ranges::transform(timings, std::back_inserter(values), member);
  return estimate_of(values);
}

Estimate ratio(std::span<const Timing> a, std::span<const Timing> b) {
  assert(a.size() == b.size());
  std::vector<double> ratios;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ratios.push_back(a[i].seconds / b[i].seconds);
  }
  return estimate_of(ratios);
}

}  // namespace flopmeter
