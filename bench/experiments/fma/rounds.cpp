#include "bench/experiments/fma/rounds.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "statistics/statistics.h"

namespace flopmeter {
namespace {

Estimate estimate_of(const std::vector<double>& values) {
  return {median(values), median_deviation(values)};
}

}  // namespace

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
