// flopmeter run: the main job: what this machine can do, are the formulas true, are the guides
// right, how fast is every layer.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include "app/bench_output.h"
#include "app/first_look.h"
#include "app/machine_output.h"
#include "app/number_option.h"
#include "app/problems.h"
#include "app/replace_file.h"
#include "app/sharding.h"
#include "app/standard_streams.h"
#include "app/subcommands.h"
#include "app/text.h"
#include "app/timed_rows.h"
#include "app/validate.h"
#include "bench/driver.h"
#include "bench/library_versions.h"
#include "bench/machine/machine.h"
#include "bench/machine/pinned_team.h"
#include "embedded/claims.h"
#include "results/read_results.h"
#include "results/report/findings.h"
#include "results/report/html_report.h"
#include "results/report/report_data.h"
#include "validate/claims/report.h"
#include "validate/ledger/crashes.h"

namespace flopmeter {
namespace {

struct RunOptions {
  ProblemSelection selection;
  std::string output;
  bool resume = false;
  std::size_t random_shapes = 10;
  std::size_t per_layer = 0;
  const CLI::Option* per_layer_given = nullptr;
  Shard shard;
};

/// A new file for every run: results are never overwritten.
std::string default_output() {
  return fmt::format("flopmeter-{:%Y%m%d-%H%M%S}.jsonl", fmt::localtime(std::time(nullptr)));
}

int cores() { return static_cast<int>(allowed_cores().size()); }

/// The peaks of the usual number types, the clock, bandwidth and latency, in some ten seconds.
void characterise(BenchOutput& output) {
  Progress progress;
  const Machine machine = measure_machine(
      {.quick = true}, [&](std::size_t done, std::size_t total, std::string_view what) {
        progress.show(done, total, what);
      });
  progress.clear();
  fmt::print("{}\n", machine_text(machine, measure_environment(library_versions())));
  output.store(machine);
}

const FormulaRow* proved_before(const AnyLayer& layer, const BenchOutput& output) {
  const auto rows = output.results()->formulas();
  const auto found = std::ranges::find_if(rows, [&](const FormulaRow& row) {
    return row.layer == layer.name && row.pass == to_string(Pass::forward);
  });
  return found == rows.end() ? nullptr : &*found;
}

/// What the resumed file says of formulas stays true: it is neither done again nor forgotten.
int say_what_was_refuted(std::span<const AnyLayer> layers, const BenchOutput& output) {
  int code = 0;
  for (const AnyLayer& layer : layers) {
    const FormulaRow* const row = proved_before(layer, output);
    if (row != nullptr && row->verdict == "refuted") {
      fmt::print("refuted before: {} {}: {}\n", row->layer, row->pass, row->counterexample);
      code = 1;
    }
  }
  return code;
}

int prove(const RunOptions& options, std::span<const Problem> problems, BenchOutput& output) {
  std::vector<AnyLayer> layers = shard_of(selected_layers(options.selection), options.shard,
                                          [](const AnyLayer&) { return 1; });
  const int before = say_what_was_refuted(layers, output);
  std::erase_if(layers,
                [&](const AnyLayer& layer) { return proved_before(layer, output) != nullptr; });
  if (layers.empty()) {
    return before;
  }
  fmt::print(
      "Formulas against counts, backends against the reference: f32, forward, at most {} million "
      "MACs a shape (everything: flopmeter validate)\n\n",
      quickly_proved_macs / 1'000'000);
  ValidateOptions validate_options;
  validate_options.dtypes = {Dtype::f32};
  validate_options.passes.assign(1, Pass::forward);
  validate_options.random_shapes = options.random_shapes;
  validate_options.workers = cores();
  validate_options.on_formula = [&](const FormulaRow& row) { output.store(row); };
  const int proved = crashes::in_children(
      [&] { return finish(validate(layers, quickly_proved(problems), validate_options, stdout)); });
  return std::max(before, proved);
}

void judge(BenchOutput& output) {
  const claims::Claims all = claims::read_claims(embedded::claims(), "claims.json");
  const claims::Report report{all.sources, claims::judge_all(all.claims)};
  fmt::print("\nPublished formulas and numbers against counts (flopmeter claims)\n\n{}\n",
             claims::summary(report));
  for (const claims::Judgement& judgement : report.judgements) {
    output.store(claims::row(judgement));
    for (const claims::Worked& worked : judgement.examples) {
      if (!worked.matches()) {
        fmt::print("  {}: {}: {}\n", judgement.claim->id, worked.evidence(), worked.verdict());
      }
    }
  }
  fmt::print("\n");
}

/// Fewer and shorter repetitions than `bench`: a first look at every case.
const BenchmarkFlags& quick() {
  static const BenchmarkFlags flags({"--benchmark_repetitions=3", "--benchmark_min_time=0.01"});
  return flags;
}

int time_cases(std::span<const BenchCase> all, BenchOutput& output) {
  const PendingRows todo = plan(all, output);
  fmt::print("Time of one call, operands in the caches (flopmeter bench)\n\n");
  output.begin(todo.rows);
  Progress progress;
  std::size_t done = 0;
  if (!todo.cases.empty()) {
    run_cases(todo.cases, quick(), [&](Record record) {
      progress.clear();
      if (record.threads == 1) {
        count_executed(record, todo.cases);
      }
      output.add(record);
      progress.show(++done, todo.cases.size(), record.name);
    });
  }
  progress.clear();
  output.end();
  return output.any_failed() ? 1 : 0;
}

/// What was found, in the words that the page begins with; then the report beside the results.
void conclude(const std::string& results) {
  const std::string page = std::filesystem::path(results).replace_extension(".html").string();
  const report::ReportData data = report::read_report(std::vector<std::string>{results});
  replace_file(page, report::html_report(data));
  fmt::print("\n{}\nresults: {}\nreport:  {}\n", report::findings_text(data), results, page);
}

std::optional<std::size_t> per_layer(const RunOptions& options) {
  return options.per_layer_given->empty() ? std::nullopt : std::optional(options.per_layer);
}

int run(const RunOptions& options) {
  const std::vector<Problem> problems = select_problems(options.selection);
  // Opened first: a file that cannot be written is said before the work, not after it.
  BenchOutput output({.results = options.output, .resume = options.resume}, StandardOutput::table);
  if (!output.results()->machine()) {
    characterise(output);
  }
  const int proved = prove(options, problems, output);
  if (proved > 1) {
    return proved;  // bad input, and said
  }
  if (options.shard.index == 0 && !output.results()->has_claims()) {
    judge(output);
  }
  const std::vector<BenchCase> cases =
      sharded(first_look(problems, per_layer(options), cores()), options.shard);
  note_shard(options.output, options.shard, cases);
  const int timed = time_cases(cases, output);
  conclude(options.output);
  return std::max(proved, timed);
}

}  // namespace

void add_run(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "run",
      "The main job: characterise the machine, prove the formulas, judge the guides, time the "
      "layers, report");
  command->footer(
      "Examples:\n  flopmeter run\n  flopmeter run --layer conv2d --per-layer 0 -o conv2d.jsonl\n"
      "Each part has a subcommand of its own with more options: machine, validate, claims, bench,\n"
      "report.");
  auto options = std::make_shared<RunOptions>();
  add_problem_options(*command, options->selection);
  command->add_option("-o,--output", options->output,
                      "the results file (default: flopmeter-<date>-<time>.jsonl)");
  command->add_flag("--resume", options->resume,
                    "continue the results file: leave out what it answers already");
  add_number<std::size_t>(*command, "--random", options->random_shapes, {0, most_random_shapes},
                          "random shapes a layer, to be proved");
  options->per_layer_given =
      add_number<std::size_t>(
          *command, "--per-layer", options->per_layer, {0, 1'000'000},
          "shapes a layer to be timed, evenly spread over its list; 0: all; unless given 4, "
          "and 1 of layers that share a list, as exp and log do")
          ->default_str("");
  add_shard_option(*command, options->shard);
  command->callback([options, &exit_code] {
    if (options->output.empty()) {
      options->output = default_output();
    }
    exit_code = run(*options);
  });
}

}  // namespace flopmeter
