// flopmeter run: the main job: are the formulas true, are the guides right, how fast is this
// machine.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <thread>

#include "app/bench_output.h"
#include "app/problems.h"
#include "app/subcommands.h"
#include "app/text.h"
#include "app/validate.h"
#include "bench/driver.h"
#include "bench/row.h"
#include "embedded/claims.h"
#include "validate/claims_report.h"

namespace flopmeter {
namespace {

struct RunOptions {
  ProblemSelection selection;
  std::string output;
  std::size_t random_shapes = 20;
};

/// A new file for every run: results are never overwritten.
std::string default_output() {
  return fmt::format("flopmeter-{:%Y%m%d-%H%M%S}.jsonl", fmt::localtime(std::time(nullptr)));
}

int prove(const RunOptions& options, std::span<const Problem> problems) {
  fmt::print(
      "Formulas against counts, backends against the reference, forward (all passes: flopmeter "
      "validate)\n\n");
  ValidateOptions validate_options;
  validate_options.passes = {Pass::forward};
  validate_options.random_shapes = options.random_shapes;
  validate_options.workers = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return validate(selected_layers(options.selection), problems, validate_options, stdout);
}

void judge() {
  const claims::Claims all = claims::read_claims(embedded::claims(), "claims.json");
  const claims::Report report{all.sources, claims::judge_all(all.claims)};
  fmt::print("\nPublished formulas and numbers against counts (flopmeter claims)\n\n{}\n",
             claims::summary(report));
  for (const claims::Judgement& judgement : report.judgements) {
    for (const claims::Worked& worked : judgement.examples) {
      if (!worked.matches()) {
        fmt::print("  {}: {}: {}\n", judgement.claim->id, worked.evidence(), worked.verdict());
      }
    }
  }
  fmt::print("\n");
}

std::vector<Record> planned_rows(const std::vector<BenchCase>& cases) {
  std::vector<Record> rows;
  std::ranges::transform(cases, std::back_inserter(rows), planned_row);
  return rows;
}

/// Fewer and shorter repetitions than `bench`: a first look at every case.
const BenchmarkFlags& quick() {
  static const BenchmarkFlags flags({"--benchmark_repetitions=3", "--benchmark_min_time=0.01"});
  return flags;
}

int time_cases(std::span<const Problem> problems, BenchOutput& output) {
  const BenchGrid grid{.problems = {problems.begin(), problems.end()}};
  const std::vector<BenchCase> cases = bench_cases(grid, 1);
  fmt::print("Time of one call, one thread, operands in the caches (flopmeter bench)\n\n");
  output.begin(planned_rows(cases));
  Progress progress;
  std::size_t done = 0;
  run_cases(cases, quick(), [&](const Record& record) {
    progress.clear();
    output.add(record);
    progress.show(++done, cases.size(), record.name);
  });
  progress.clear();
  output.end();
  return output.any_failed() ? 1 : 0;
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "run", "The main job: prove the formulas, judge the guides, time the default cases");
  command->footer(
      "Examples:\n  flopmeter run\n  flopmeter run --layer conv2d -o conv2d.jsonl\n"
      "Each part has a subcommand of its own with more options: validate, claims, bench.");
  auto options = std::make_shared<RunOptions>();
  add_problem_options(*command, options->selection);
  command->add_option("-o,--output", options->output,
                      "the results file (default: flopmeter-<date>-<time>.jsonl)");
  command->add_option("--random", options->random_shapes, "random shapes a layer and pass")
      ->capture_default_str();
  command->callback([options, &exit_code] {
    if (options->output.empty()) {
      options->output = default_output();
    }
    const std::vector<Problem> problems = select_problems(options->selection);
    // Opened first: a file that cannot be written is said before the work, not after it.
    BenchOutput output({.results = options->output}, StandardOutput::table);
    const int proved = prove(*options, problems);
    judge();
    exit_code = std::max(proved, time_cases(problems, output));
    fmt::print("\nresults: {}\n", options->output);
  });
}

}  // namespace flopmeter
