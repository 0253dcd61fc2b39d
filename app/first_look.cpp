#include "app/first_look.h"

#include <algorithm>
#include <iterator>
#include <numeric>

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

std::int64_t bytes(const Problem& problem) try {
  return compulsory_bytes(problem, Pass::forward, Dtype::f32);
} catch (const CountOverflow&) {
  return 0;
}

/// Indices of so many problems of one layer, ascending.
std::vector<std::size_t> spread_over(std::span<const Problem> all, std::size_t count) {
  std::vector<std::size_t> by_size(all.size());
  std::iota(by_size.begin(), by_size.end(), std::size_t{0});
  if (count == 0 || count >= all.size()) {
    return by_size;
  }
  std::ranges::stable_sort(by_size, {}, [&](std::size_t index) { return bytes(all[index]); });
  const std::size_t first = std::min(all.size() / 3, all.size() - count);
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t last = all.size() - 1;
    chosen.push_back(by_size[count == 1 ? last : first + i * (last - first) / (count - 1)]);
  }
  std::ranges::sort(chosen);
  return chosen;
}

constexpr std::size_t usual_per_layer = 4;

/// How many shapes of a layer are looked at where nobody said: see thinned_out.
std::size_t usual(const AnyLayer& layer, std::span<const std::vector<Problem>> groups) {
  const auto sharing = std::ranges::count_if(groups, [&](const std::vector<Problem>& group) {
    return group.front().layer->default_shapes == layer.default_shapes;
  });
  return sharing > 1 ? 1 : usual_per_layer;
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

std::vector<Problem> thinned_out(std::span<const Problem> problems,
                                 std::optional<std::size_t> per_layer) {
  std::vector<Problem> chosen;
  const std::vector<std::vector<Problem>> groups = by_layer(problems);
  for (const std::vector<Problem>& all : groups) {
    const std::size_t count = per_layer ? *per_layer : usual(*all.front().layer, groups);
    for (const std::size_t index : spread_over(all, count)) {
      chosen.push_back(all[index]);
    }
  }
  return chosen;
}

std::vector<BenchCase> first_look(std::span<const Problem> problems,
                                  std::optional<std::size_t> per_layer, int cores) {
  BenchGrid grid{.problems = thinned_out(problems, per_layer), .arrangements = {}};
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

std::vector<Problem> quickly_proved(std::span<const Problem> problems) {
  std::vector<Problem> quick;
  std::ranges::copy_if(problems, std::back_inserter(quick),
                       [](const Problem& problem) { return macs(problem) <= quickly_proved_macs; });
  return quick;
}

}  // namespace flopmeter
