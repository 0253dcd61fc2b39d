// flopmeter bench: how fast cases run, and how near to the peak.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "app/bench_output.h"
#include "app/problems.h"
#include "app/sharding.h"
#include "app/subcommands.h"
#include "app/threads_option.h"
#include "app/timed_rows.h"
#include "bench/driver.h"
#include "bench/machine/pinned_team.h"

namespace flopmeter {
namespace {

constexpr auto bench_footer =
    "Also takes Google Benchmark's options, --benchmark_repetitions=5, --benchmark_min_time=0.05,\n"
    "--benchmark_format=json and so on. A backend that disagrees with the reference in double is "
    "not\n"
    "timed. The row says noisy when half of the measured peaks or of the samples lie more "
    "than\n"
    "3 % from their median (docs/timing.md).\n"
    "Exit codes: 0, 1 when a backend failed, 2 bad usage.\n"
    "Examples:\n"
    "  flopmeter bench --layer conv2d --filter resnet50\n"
    "  flopmeter bench --layer matmul --shape 512x512:512x512 --backend=reference,eigen,onednn\n"
    "  flopmeter bench --dtype=f32,bf16 --threads=1,2 -o results.jsonl --resume";

struct BenchOptions {
  ProblemSelection selection;
  std::vector<std::string> backends;
  std::vector<std::string> passes;  // as the options of a batch file say, unless given
  std::vector<std::string> dtypes;
  std::vector<int> threads{1};
  std::vector<std::string> caches{"warm"};
  std::vector<std::string> layouts;  // as networks give them, unless given
  std::string filter;
  OutputPaths paths;
  Shard shard;
  bool executed = false;
  bool json = false;
};

template <class Parse>
auto parse_all(const std::vector<std::string>& texts, Parse parse) {
  std::vector<decltype(parse(texts.front()))> values;
  std::ranges::transform(texts, std::back_inserter(values), parse);
  return values;
}

std::vector<BenchCase> chosen_cases(const BenchOptions& options) {
  SelectedProblems selected = select_with_options(options.selection);
  const BenchGrid grid{
      .problems = std::move(selected.problems),
      .backends = options.backends,
      .passes = options.passes.empty() ? selected.passes : parse_all(options.passes, parse_pass),
      .dtypes = options.dtypes.empty() ? selected.dtypes : parse_all(options.dtypes, parse_dtype),
      .threads = options.threads,
      .caches = parse_all(options.caches, parse_cache),
      .arrangements = parse_all(options.layouts, parse_arrangement),
      .filter = options.filter};
  return bench_cases(grid, static_cast<int>(allowed_cores().size()));
}

StandardOutput standard_output(const BenchOptions& options, const BenchmarkFlags& flags) {
  const bool google = flags.lists_only() || !flags.value("benchmark_format").empty();
  if (google && options.json) {
    bad_input("--json and Google Benchmark's output both go to standard output: choose one");
  }
  return google         ? StandardOutput::nothing
         : options.json ? StandardOutput::json_lines
                        : StandardOutput::table;
}

BenchmarkFlags benchmark_flags(const std::vector<std::string>& extra) {
  for (const std::string& word : extra) {
    if (!word.starts_with("--benchmark_")) {
      bad_input("bench: unknown argument '{}': see flopmeter bench --help", word);
    }
  }
  return BenchmarkFlags(extra);
}

int bench(const BenchOptions& options, const BenchmarkFlags& flags) {
  const std::vector<BenchCase> cases = sharded(chosen_cases(options), options.shard);
  const StandardOutput shown = standard_output(options, flags);
  if (flags.lists_only()) {
    run_cases(cases, flags, [](const Record&) {});
    return 0;
  }
  BenchOutput output(options.paths, shown);
  note_shard(options.paths.results, options.shard, cases);
  const PendingRows todo = plan(cases, output);
  output.begin(todo.rows);
  if (!todo.cases.empty()) {
    run_cases(todo.cases, flags, [&](Record record) {
      if (options.executed) {
        count_executed(record, todo.cases);
      }
      output.add(record);
    });
  }
  output.end();
  return output.any_failed() ? 1 : 0;
}

void add_options(CLI::App& command, BenchOptions& options) {
  add_problem_options(command, options.selection);
  const auto add_list = [&](const char* name, auto& values, const char* help) {
    command.add_option(name, values, help)->delimiter(',');
  };
  add_list("--backend", options.backends,
           "backends (default: all but reference, which is slow and runs when asked for)");
  add_list("--pass", options.passes,
           "forward (default), backward_data, backward_weights, of those that a layer has");
  add_list("--dtype", options.dtypes, "f32 (default), bf16, f16, s8");
  add_threads(command, "--threads", options.threads, "numbers of threads");
  add_list("--cache", options.caches,
           "warm (default): call after call; cold: the caches are emptied before each call");
  add_list("--layout", options.layouts,
           "of the activations: own (as the kernel likes them), plain, convolution (as one of the "
           "backend leaves them); the last two of norms and pooling unless given");
  command.add_option("--filter", options.filter,
                     "only cases whose name or label has this regular expression");
  command.add_option("-o,--output", options.paths.results,
                     "append the rows to this JSON Lines file");
  command.add_flag("--resume", options.paths.resume, "leave out what the file answers already");
  command.add_option("--csv", options.paths.csv, "write the rows as CSV, too");
  command.add_option("--markdown", options.paths.markdown, "write the rows as Markdown, too");
  command.add_flag(
      "--executed", options.executed,
      "also count the machine instructions of one call: MACs, FMA share, lane use; and "
      "hold them against what the CPU counts itself");
  add_shard_option(command, options.shard);
  command.add_flag("--json", options.json, "JSON Lines on standard output instead of the table");
}

}  // namespace

void add_bench(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("bench", "How fast cases run, and how near to the peak");
  command->footer(bench_footer);
  command->allow_extras();
  auto options = std::make_shared<BenchOptions>();
  add_options(*command, *options);
  command->callback([command, options, &exit_code] {
    exit_code = bench(*options, benchmark_flags(command->remaining()));
  });
}

}  // namespace flopmeter
