// flopmeter compare: which cases and which backends became slower from one results file to another.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "app/compare_report.h"
#include "app/number_option.h"
#include "app/subcommands.h"
#include "bench/filter.h"
#include "kernels/bad_input.h"
#include "results/read_results.h"

namespace flopmeter {
namespace {

constexpr auto compare_footer =
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

/// The rows of a file that all filter options let through, read whenever they are asked for.
class FileRows : public compare::RowSource {
 public:
  FileRows(const std::string& file, const CompareOptions& options, const Filter& filter)
      : file_(file), options_(options), filter_(filter), again_(file) {}

  void each(const std::function<void(const compare::Row&)>& take) override {
    std::size_t records = 0;
    for_each_line(file_, [&](const ResultLine& line, LinePlace place) {
      if (line.type() == "environment") {
        StoredResults one;
        add_line(one, line);
        environments_[one.environments.front().fingerprint] =
            std::move(one.environments.front().environment);
      } else if (line.type() == "record") {
        ++records;
        const compare::Row row = row_of(line);
        if (let_through(record_)) {
          places_.push_back(place);
          take(row);
        }
      }
    });
    if (records == 0) {
      bad_input("'{}' holds no rows: give a file that bench -o wrote", file_);
    }
  }

  compare::Row at(std::size_t i) override { return row_of(again_(places_[i])); }

 private:
  compare::Row row_of(const ResultLine& line) {
    line.read(record_);
    const auto found = environments_.find(std::string(line.text_at("environment")));
    return {&record_, found == environments_.end() ? nullptr : &found->second};
  }

  bool let_through(const Record& record) const {
    const auto among = [](const std::vector<std::string>& wanted, const std::string& value) {
      return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
    };
    return among(options_.layers, record.layer) && among(options_.backends, record.backend) &&
           among(options_.dtypes, record.dtype) && among(options_.passes, record.pass) &&
           filter_.passes(record.name, record.label);
  }

  std::string file_;
  const CompareOptions& options_;
  const Filter& filter_;
  LinesAt again_;
  Record record_;
  std::map<std::string, Environment> environments_;
  std::vector<LinePlace> places_;
};

/// Fills in what is found.
void hold_against(CompareReport& report, FileRows& a, FileRows& b) {
  std::vector<compare::PairedCase> cases;
  std::vector<compare::Pair> environments;  // one for each two that occur
  compare::pair_rows(
      a, b, report.by,
      [&](const compare::Pair& pair) {
        cases.push_back(compare::looked_at(pair, report.settings));
        const bool known = std::ranges::any_of(environments, [&](const compare::Pair& other) {
          return other.a.environment == pair.a.environment &&
                 other.b.environment == pair.b.environment;
        });
        if (!known) {
          environments.push_back(pair);
        }
      },
      [&](const compare::Row& row, std::string reason) {
        report.unpaired.push_back({compare::title(*row.record), std::move(reason)});
      });
  report.differences = compare::differences(environments);
  report.comparison = compare::judge(std::move(cases), report.settings);
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
  FileRows a(options.files.front(), options, filter);
  FileRows b(options.files.back(), options, filter);
  CompareReport report{
      .a = options.files.front(), .b = options.files.back(), .by = by, .settings = settings};
  hold_against(report, a, b);
  if (report.comparison.cases.empty()) {
    bad_input("no case of '{}' and '{}' was timed on both sides{}", options.files.front(),
              options.files.back(),
              by ? fmt::format(" by {}: {} and {}", by->field, by->a, by->b) : "");
  }
  if (options.json) {
    print_json(report);
  } else {
    fmt::print("{}", options.markdown ? to_markdown(report) : to_text(report));
  }
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
  command->footer(compare_footer);
  auto options = std::make_shared<CompareOptions>();
  add_compare_options(*command, *options);
  command->callback([options, &exit_code] { exit_code = compare_files(*options); });
}

}  // namespace flopmeter
