#include "bench/experiments/overhead/contest.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "statistics/statistics.h"

namespace flopmeter::overhead {
namespace {

constexpr int rounds = 41;

double time_calls(const std::function<void()>& work, int calls) {
  const double begin = thread_seconds();
  for (int i = 0; i < calls; ++i) {
    work();
  }
  return (thread_seconds() - begin) / calls;
}

}  // namespace

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

Sampler sampler(std::function<void()> work) {
  work();
  const double once = time_calls(work, 1);
  const int calls = std::clamp(static_cast<int>(sample_seconds / once), 1, 1'000'000);
  return [work = std::move(work), calls] { return time_calls(work, calls); };
}

double time_ratio(const Sampler& subject, const Sampler& baseline) {
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    const double taken = subject();
    ratios.push_back(taken / baseline());
  }
  return median(ratios);
}

bool print(const std::string& what, double ratio, const Limits& limits) {
  const bool within = ratio >= limits.low && ratio <= limits.high;
  const std::string allowed = limits.high < std::numeric_limits<double>::infinity()
                                  ? fmt::format("{:.3g} .. {:.3g}", limits.low, limits.high)
                                  : fmt::format(">= {}", limits.low);
  fmt::print("{:<72}{:>6.3f}   {:<12} {}\n", what, ratio, allowed, within ? "yes" : "NO");
  std::fflush(stdout);
  return within;
}

}  // namespace flopmeter::overhead
