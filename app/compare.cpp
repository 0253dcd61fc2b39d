// flopmeter compare: which cases and which backends became slower from one results file to another.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "app/compare_report.h"
#include "app/number_option.h"
#include "app/subcommands.h"
#include "bench/filter.h"
#include "kernels/bad_input.h"
#include "results/json.h"

namespace flopmeter {
namespace {

constexpr auto footer =
    "Two files: the same cases, by name, threads and cache. With --by, rows that differ in that "
    "one\n"
    "field: of one file, or the first value's rows of a and the second's of b.\n"
    "Samples of one run are not independent, so that the noise between two runs is estimated from\n"
    "all cases and added to every interval (docs/compare.md).\n"
    "Exit codes: 0, 1 with --fail-on-regression when something is significantly slower by more,\n"
    "2 bad usage or a file that cannot be compared.\n"
    "Examples:\n"
    "  flopmeter compare before.jsonl after.jsonl --fail-on-regression=5%\n"
    "  flopmeter compare results.jsonl --by backend=eigen,onednn --layer conv2d\n"
    "  flopmeter compare results.jsonl --by threads=1,2 --markdown";

struct CompareOptions {
  std::vector<std::string> files;
  std::string by;
  std::vector<std::string> layers;
  std::vector<std::string> backends;
  std::vector<std::string> dtypes;
  std::vector<std::string> passes;
  std::string filter;
  double confidence = 0.95;
  double smallest_effect = 0.025;
  double noise = 0.03;
  double allowed_regression = 0;
  const CLI::Option* fail_on_regression = nullptr;
  bool raw = false;
  bool json = false;
  bool markdown = false;
};

compare::Settings settings_of(const CompareOptions& options) {
  return {.confidence = options.confidence,
          .smallest_effect = options.smallest_effect,
          .assumed_between = std::max(1e-6, options.noise),
          .normalise = !options.raw,
          .same_kind = options.by.empty()};
}

/// The rows that all filter options let through.
std::vector<compare::Row> chosen_rows(const StoredResults& results, const CompareOptions& options,
                                      const Filter& filter) {
  const auto let_through = [](const std::vector<std::string>& wanted, const std::string& value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
  };
  std::vector<compare::Row> rows = compare::rows(results);
  std::erase_if(rows, [&](const compare::Row& row) {
    const Record& record = *row.record;
    return !let_through(options.layers, record.layer) ||
           !let_through(options.backends, record.backend) ||
           !let_through(options.dtypes, record.dtype) ||
           !let_through(options.passes, record.pass) || !filter.passes(record.name, record.label);
  });
  return rows;
}

StoredResults read_rows(const std::string& file) {
  StoredResults results = read_results(file);
  if (results.records.empty()) {
    bad_input("'{}' holds no rows: give a file that bench -o wrote", file);
  }
  return results;
}

compare::Pairing paired(const CompareOptions& options, std::span<const compare::Row> a,
                        std::span<const compare::Row> b, const std::optional<compare::By>& by) {
  compare::Pairing pairing = compare::pair_rows(a, b, by);
  if (pairing.pairs.empty()) {
    bad_input("no case of '{}' and '{}' was timed on both sides{}", options.files.front(),
              options.files.back(),
              by ? fmt::format(" by {}: {} and {}", by->field, by->a, by->b) : "");
  }
  return pairing;
}

std::optional<compare::By> by_of(const CompareOptions& options) {
  if (!options.by.empty()) {
    return compare::parse_by(options.by);
  }
  if (options.files.size() == 1) {
    bad_input(
        "compare '{}' with what? Give a second file, or --by such as --by backend=eigen,onednn",
        options.files.front());
  }
  return std::nullopt;
}

int compare_files(const CompareOptions& options) {
  const std::optional<compare::By> by = by_of(options);
  const compare::Settings settings = settings_of(options);
  const Filter filter(options.filter);
  const StoredResults a = read_rows(options.files.front());
  const StoredResults b = read_rows(options.files.back());
  const auto rows_a = chosen_rows(a, options, filter);
  const auto rows_b = chosen_rows(b, options, filter);
  CompareReport report{options.files.front(),
                       options.files.back(),
                       by,
                       settings,
                       paired(options, rows_a, rows_b, by),
                       {}};
  report.comparison = compare::compare(report.pairing.pairs, settings);
  fmt::print("{}", options.json       ? json_line(to_json(report))
                   : options.markdown ? to_markdown(report)
                                      : to_text(report));
  return options.fail_on_regression->count() > 0 &&
                 compare::regressed(report.comparison, 1 + options.allowed_regression)
             ? 1
             : 0;
}

void add_compare_options(CLI::App& command, CompareOptions& options) {
  command.add_option("files", options.files, "results of bench -o: a, and b unless --by is given")
      ->required()
      ->expected(1, 2);
  command.add_option("--by", options.by,
                     "field=a,b: hold rows against each other that differ in it alone: backend, "
                     "dtype, threads, cache, pass, isa");
  const auto add_list = [&](const char* name, std::vector<std::string>& values) {
    command.add_option(name, values, "only these")->delimiter(',');
  };
  add_list("--layer", options.layers);
  add_list("--backend", options.backends);
  add_list("--dtype", options.dtypes);
  add_list("--pass", options.passes);
  command.add_option("--filter", options.filter,
                     "only cases whose name or label has this regular expression");
  constexpr NumberRange<double> share{0, 99.9};
  add_percent(command, "--confidence", options.confidence, {50, 99.999},
              "of the intervals, and of no false alarm in the report");
  add_percent(command, "--smallest-effect", options.smallest_effect, share,
              "what is no larger is never significant");
  add_percent(command, "--noise", options.noise, share,
              "between two runs, where it cannot be estimated: fewer than 8 cases of a backend, "
              "other machines, --by");
  command.add_flag("--raw", options.raw, "do not normalise by the peak beside each sample");
  options.fail_on_regression =
      add_percent(command, "--fail-on-regression", options.allowed_regression, share,
                  "exit with 1 when something is significantly slower by more than this")
          ->default_str("");
  CLI::Option* json = command.add_flag("--json", options.json, "one JSON object");
  command.add_flag("--markdown", options.markdown, "Markdown tables")->excludes(json);
}

}  // namespace

void add_compare(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("compare", "What became slower between two results files");
  command->footer(footer);
  auto options = std::make_shared<CompareOptions>();
  add_compare_options(*command, *options);
  command->callback([options, &exit_code] { exit_code = compare_files(*options); });
}

}  // namespace flopmeter
