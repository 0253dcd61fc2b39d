#include "app/first_look.h"

#include <algorithm>
#include <iterator>

namespace flopmeter {
namespace {

/// The problems of each layer, in their order.
std::vector<std::vector<Problem>> by_layer(std::span<const Problem> problems) {
  std::vector<std::vector<Problem>> groups;
  for (const Problem& problem : problems) {
    const auto group = std::ranges::find_if(groups, [&](const auto& known) {
      return known.front().layer->name == problem.layer->name;
    });
    (group == groups.end() ? groups.emplace_back() : *group).push_back(problem);
  }
  return groups;
}

std::int64_t macs(const Problem& problem) try {
  return problem.formula(Pass::forward).in_bounds.macs;
} catch (const CountOverflow&) {
  return 0;  // cannot be timed either
}

/// 2, 4, 8, ... and all.
std::vector<int> several_threads(int cores) {
  std::vector<int> threads;
  for (int some = 2; some < cores; some *= 2) {
    threads.push_back(some);
  }
  if (cores > 1) {
    threads.push_back(cores);
  }
  return threads;
}

}  // namespace

std::vector<Problem> thinned_out(std::span<const Problem> problems, std::size_t per_layer) {
  std::vector<Problem> chosen;
  for (const std::vector<Problem>& all : by_layer(problems)) {
    const std::size_t count = per_layer == 0 ? all.size() : std::min(per_layer, all.size());
    for (std::size_t i = 0; i < count; ++i) {
      chosen.push_back(all[count == 1 ? 0 : i * (all.size() - 1) / (count - 1)]);
    }
  }
  return chosen;
}

std::vector<BenchCase> first_look(std::span<const Problem> problems, std::size_t per_layer,
                                  int cores) {
  BenchGrid grid{.problems = thinned_out(problems, per_layer)};
  std::vector<BenchCase> cases = bench_cases(grid, cores);
  BenchGrid scaling{.threads = several_threads(cores)};
  for (const std::vector<Problem>& chosen : by_layer(grid.problems)) {
    const Problem& largest = *std::ranges::max_element(chosen, {}, macs);
    if (macs(largest) > 0) {
      scaling.problems.push_back(largest);
    }
  }
  if (!scaling.threads.empty() && !scaling.problems.empty()) {
    std::ranges::move(bench_cases(scaling, cores), std::back_inserter(cases));
  }
  return cases;
}

}  // namespace flopmeter
