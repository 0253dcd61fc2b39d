// Layers that are made of others against their parts, on every library: a run of the whole must not
// take longer than the parts take as layers of their own.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <string_view>

#include "bench/experiments/composition/composition.h"

namespace flopmeter::composition {
namespace {

constexpr std::int64_t least_flops = 20'000'000;  // below, calls cost more than layers do
constexpr double most_on_average = 1.10;
constexpr double most_of_one = 1.25;
constexpr int rounds = 15;
constexpr double microsecond = 1e-6;

void print_parts(const CompositionTime& time) {
  for (const PartTime& part : time.each) {
    const std::string alone = part.forced ? "-" : fmt::format("{:.1f}", part.alone / microsecond);
    fmt::print("    {:<58}{:>10}{:>10.1f}  {}\n", part.what, alone, part.in_place / microsecond,
               part.implementation);
  }
}

double forced_seconds(const CompositionTime& time) {
  double sum = 0;
  for (const PartTime& part : time.each) {
    sum += part.forced ? part.in_place : 0;
  }
  return sum;
}

/// Prints a composition; false when it takes longer than it may for no reason that is named.
bool print(const Problem& problem, const CompositionTime& time) {
  const double forced = forced_seconds(time);
  const bool within = time.ratio <= most_of_one;
  const bool named = (time.whole - forced) / time.parts <= most_of_one;
  fmt::print("{:<62}{:>10.1f}{:>10.1f}{:>8.3f}  {}\n",
             fmt::format("{} {}", problem.layer->name, problem.shape()), time.parts / microsecond,
             time.whole / microsecond, time.ratio,
             within  ? "yes"
             : named ? fmt::format("yes, but for reorders of {:.1f} us", forced / microsecond)
                     : "NO");
  print_parts(time);
  std::fflush(stdout);
  return within || named;
}

/// All compositions of one library.
bool run(std::string_view backend, std::string_view layer_filter) {
  fmt::print(
      "{}: layers that are made of others, forward, f32, one thread, CPU time in "
      "microseconds\n{:<62}{:>10}{:>10}{:>8}\n",
      backend, "", "alone", "in place", "ratio");
  bool good = true;
  double logs = 0;
  int count = 0;
  for (const AnyLayer& layer : layers()) {
    if (!layer.network || !layer.offers(backend) ||
        (!layer_filter.empty() && layer.name != layer_filter)) {
      continue;
    }
    for (const Problem& problem : default_problems(layer)) {
      if (2 * problem.formula(Pass::forward).in_bounds.macs < least_flops) {
        continue;
      }
      if (const auto time = time_composition(problem, layer.backend(backend), rounds)) {
        good = print(problem, *time) && good;
        logs += std::log(time->ratio);
        ++count;
      }
    }
  }
  if (count == 0) {
    return good;
  }
  const double mean = std::exp(logs / count);
  const bool mean_good = mean <= most_on_average;
  fmt::print("{}: geometric mean of {} ratios {:.3f} <= {:.2f}: {}\n\n", backend, count, mean,
             most_on_average, mean_good ? "yes" : "NO");
  return good && mean_good;
}

/// Of the layers that are made of others.
bool run_all(std::string_view layer_filter) {
  bool good = true;
  for (const AnyLayer& layer : layers()) {
    if (!layer.network) {
      continue;
    }
    for (const AnyBackend& backend : layer.backends) {
      if (backend.kind == BackendKind::binary) {
        good = run(backend.name, layer_filter) && good;
      }
    }
    break;  // all have the same backends, or fewer
  }
  return good;
}

}  // namespace
}  // namespace flopmeter::composition

int main(int argc, char** argv) try {
  return flopmeter::composition::run_all(argc > 1 ? argv[1] : "") ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "flopmeter_composition_bench: {}\n", error.what());
  return 2;
}
