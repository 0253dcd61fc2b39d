// Layers that are made of others against their parts, on every library that can only be run: a run of
// the whole must not take longer than the parts take as layers of their own, each in warm caches.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "bench/experiments/composition/composition.h"
#include "bench/library_versions.h"
#include "results/environment.h"
#include "results/report/text_table.h"

namespace flopmeter::composition {
namespace {

constexpr std::int64_t least_flops = 20'000'000;  // below, calls cost more than layers do
constexpr double most_on_average = 1.10;
constexpr double most_of_one = 1.25;
constexpr int rounds = 15;

struct Options {
  bool markdown = false;
  std::string_view layer = {};  // empty: all
};

std::string microseconds(double seconds) { return fmt::format("{:.1f}", seconds * 1e6); }

/// One composition, and what became of it.
struct Row {
  std::string name;
  CompositionTime time;

  bool within() const { return time.ratio <= most_of_one; }
  bool within_but_for_reorders() const {
    return (time.whole - time.forced()) / time.warm <= most_of_one;
  }
  std::string verdict() const {
    return within() ? "yes"
           : within_but_for_reorders()
               ? "yes, but for reorders of " + microseconds(time.forced()) + " us"
               : "NO";
  }
};

report::TextTable parts_table(const CompositionTime& time) {
  report::TextTable table{.columns = {{"part"}, {"warm", true}, {"in place", true}, {"kernel"}}};
  for (const PartTime& part : time.each) {
    table.rows.push_back({{part.what},
                          {part.forced ? "-" : microseconds(part.warm)},
                          {microseconds(part.in_place)},
                          {part.implementation}});
  }
  return table;
}

report::TextTable rows_table(const std::vector<Row>& rows) {
  report::TextTable table{.columns = {{"composition"},
                                      {"warm, us", true},
                                      {"in turn, us", true},
                                      {"whole, us", true},
                                      {"whole / warm", true},
                                      {"at most 1.25"},
                                      {"whole / in turn", true},
                                      {"reorders, us", true},
                                      {"constants, MB", true}}};
  for (const Row& row : rows) {
    const CompositionTime& time = row.time;
    table.rows.push_back(
        {{row.name},
         {microseconds(time.warm)},
         {microseconds(time.in_turn)},
         {microseconds(time.whole)},
         {fmt::format("{:.3f}", time.ratio)},
         {row.verdict()},
         {fmt::format("{:.3f}", time.in_turn_ratio)},
         {microseconds(time.forced())},
         {fmt::format("{:.1f}", 1e-6 * static_cast<double>(time.constant_bytes))}});
  }
  return table;
}

/// All compositions of one library.
std::vector<Row> measure(std::string_view backend, const Options& options) {
  std::vector<Row> rows;
  for (const AnyLayer& layer : layers()) {
    if (!layer.network || !layer.offers(backend) ||
        (!options.layer.empty() && layer.name != options.layer)) {
      continue;
    }
    for (const Problem& problem : default_problems(layer)) {
      if (2 * problem.formula(Pass::forward).in_bounds.macs < least_flops) {
        continue;
      }
      if (auto time = time_composition(problem, layer.backend(backend), rounds)) {
        rows.push_back({fmt::format("{} {}", layer.name, problem.shape()), std::move(*time)});
        if (!options.markdown) {
          fmt::print("{}\n{}\n", rows.back().name,
                     report::to_text(parts_table(rows.back().time), 2));
          std::fflush(stdout);
        }
      }
    }
  }
  return rows;
}

double mean_of(const std::vector<Row>& rows, auto ratio) {
  double logs = 0;
  for (const Row& row : rows) {
    logs += std::log(ratio(row.time));
  }
  return std::exp(logs / static_cast<double>(rows.size()));
}

bool run(std::string_view backend, const Options& options) {
  const std::vector<Row> rows = measure(backend, options);
  if (rows.empty()) {
    return true;
  }
  const double mean = mean_of(rows, [](const CompositionTime& time) { return time.ratio; });
  const double to_turns =
      mean_of(rows, [](const CompositionTime& time) { return time.in_turn_ratio; });
  const report::TextTable table = rows_table(rows);
  fmt::print("{}\n", options.markdown ? report::to_markdown(table) : report::to_text(table));
  fmt::print(
      "{}: geometric mean of {} ratios, whole / warm: {:.3f}, at most {:.2f}: {}. Whole / in turn: "
      "{:.3f}.\n\n",
      backend, rows.size(), mean, most_on_average, mean <= most_on_average ? "yes" : "NO",
      to_turns);
  bool good = mean <= most_on_average;
  for (const Row& row : rows) {
    good = good && (row.within() || row.within_but_for_reorders());
  }
  return good;
}

void print_head() {
  const Environment environment = measure_environment(library_versions());
  fmt::print(
      "{}, {} of its cores, {:%Y-%m-%d}; forward, f32, one thread, CPU time, medians of {} "
      "rounds.\n\n",
      environment.cpu, environment.affinity_cores.value_or(0), fmt::gmtime(std::time(nullptr)),
      rounds);
}

/// Of the layers that are made of others.
bool run_all(const Options& options) {
  bool good = true;
  print_head();
  for (const AnyLayer& layer : layers()) {
    if (!layer.network) {
      continue;
    }
    for (const AnyBackend& backend : layer.backends) {
      if (backend.kind == BackendKind::binary) {
        good = run(backend.name, options) && good;
      }
    }
    break;  // all have the same backends, or fewer
  }
  return good;
}

Options options_of(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--markdown") {
      options.markdown = true;
    } else {
      options.layer = find_layer(word).name;
    }
  }
  return options;
}

}  // namespace
}  // namespace flopmeter::composition

int main(int argc, char** argv) try {
  using namespace flopmeter::composition;
  return run_all(options_of(argc, argv)) ? 0 : 1;
} catch (const std::exception& error) {
  fmt::print(stderr, "flopmeter_composition_bench: {}\n", error.what());
  return 2;
}
