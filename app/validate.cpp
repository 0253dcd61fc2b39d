// flopmeter validate: the ledger over the default and random shapes, and its summary.
#include "app/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/executed.h"
#include "app/executed_summary.h"
#include "app/problems.h"
#include "app/retired.h"
#include "app/subcommands.h"
#include "app/text.h"
#include "bench/machine/pinned_team.h"
#include "validate/fuzz.h"

namespace flopmeter {
namespace {

bool counts_exact(const Entry& entry) { return entry.counted && *entry.counted == *entry.stated; }

/// One line of the summary.
struct Tally {
  std::size_t shapes = 0;
  std::size_t cases = 0;
  std::size_t exact = 0;
  std::size_t agree = 0;
  std::size_t unavailable = 0;
  std::size_t failed = 0;
  double worst = 0;  // largest error as a share of what was allowed

  void add(const ProblemLedger& ledger) {
    ++shapes;
    failed += ledger.disagreements.empty() ? 0 : 1;
    for (const Entry& entry : ledger.entries) {
      ++cases;
      exact += counts_exact(entry) ? 1 : 0;
      agree += entry.agreement && entry.agreement->passed ? 1 : 0;
      unavailable += entry.unavailable.empty() ? 0 : 1;
      failed += entry.failed() ? 1 : 0;
      if (entry.agreement && entry.agreement->tolerance > 0) {
        worst = std::max(worst, entry.agreement->max_error / entry.agreement->tolerance);
      }
    }
  }

  void add(const Tally& other) {
    shapes += other.shapes;
    cases += other.cases;
    exact += other.exact;
    agree += other.agree;
    unavailable += other.unavailable;
    failed += other.failed;
    worst = std::max(worst, other.worst);
  }
};

/// Adds what the ledgers say to the row: of several disagreements the first is told.
void add_to(FormulaRow& row, std::span<const ProblemLedger> ledgers) {
  for (const ProblemLedger& ledger : ledgers) {
    std::int64_t failed = ledger.disagreements.empty() ? 0 : 1;
    std::string first = ledger.disagreements.empty() ? ""
                                                     : fmt::format("{}: {}", ledger.problem.shape(),
                                                                   ledger.disagreements[0]);
    for (const Entry& entry : ledger.entries) {
      failed += entry.failed() ? 1 : 0;
      if (entry.failed() && first.empty()) {
        first = fmt::format("{}: {}", entry.subject.name(), entry.disagreements[0]);
      }
    }
    const auto cases = static_cast<std::int64_t>(ledger.entries.size()) + 1;  // and the formula
    row.cases = row.cases.value_or(0) + cases;
    row.agree = row.agree.value_or(0) + cases - failed;
    if (row.counterexample.empty()) {
      row.counterexample = first;
    }
  }
  row.verdict = row.cases == row.agree ? "exact" : "refuted";
}

std::string counts_verdict(const Entry& entry) {
  if (!entry.counted) {
    return "not counted";
  }
  return counts_exact(entry) ? "exact" : "DIFFERS";
}

std::string output_verdict(const Entry& entry) {
  if (!entry.agreement) {
    return "unavailable: " + entry.unavailable;
  }
  return fmt::format("{} (error {:.1e}, allowed {:.1e})",
                     entry.agreement->passed ? "agrees" : "DISAGREES", entry.agreement->max_error,
                     entry.agreement->tolerance);
}

nlohmann::json to_json(const Entry& entry) {
  nlohmann::json json{{"case", entry.subject.name()},
                      {"label", entry.subject.problem.label},
                      {"counts", counts_verdict(entry)},
                      {"status", entry.failed()              ? "failed"
                                 : entry.unavailable.empty() ? "ok"
                                                             : "unavailable"},
                      {"reason", entry.unavailable},
                      {"disagreements", entry.disagreements}};
  if (entry.account) {
    json["executed"] = to_json(*entry.account);
    json["retired"] = retired_json(*entry.account);
  }
  if (entry.agreement) {
    json["max_error"] = std::isfinite(entry.agreement->max_error)
                            ? nlohmann::json(entry.agreement->max_error)
                            : nlohmann::json(nullptr);
    json["tolerance"] = entry.agreement->tolerance;
  }
  return json;
}

/// Writes ledgers to one stream in the asked-for form, and remembers what failed.
class Printer {
 public:
  Printer(const ValidateOptions& options, std::FILE* out) : options_(options), out_(out) {}

  void heading() {
    if (!options_.json) {
      fmt::print(out_, "{:<20}{:<18}{:<8}{:>7}{:>7}{:>14}{:>7}{:>13}{:>8}{:>13}\n", "layer", "pass",
                 "kind", "shapes", "cases", "counts exact", "agree", "unavailable", "failed",
                 "worst error");
    }
  }

  void ledgers(std::string_view layer, Pass pass, std::string_view what,
               std::span<const ProblemLedger> ledgers) {
    Tally tally;
    for (const ProblemLedger& ledger : ledgers) {
      tally.add(ledger);
      each(ledger);
    }
    total_.add(tally);
    add_to(row_, ledgers);
    executed_.add(ledgers);
    line(layer, to_string(pass), what, tally);
  }

  /// A failing random shape made small.
  void shrunk(const Problem& problem) {
    if (!options_.json) {
      fmt::print(out_, "  smallest shape that fails: {}\n", problem.shape());
    }
  }

  /// The sums, what the table above means, and what was executed.
  void legend() {
    line("all", "", "", total_);
    if (!options_.json) {
      fmt::print(
          out_,
          "counts exact: formula, in bounds and dense, against the counted reference, and each "
          "algorithm against its stated count, kind by kind\n"
          "agree: output against the reference in double; worst error as a share of the "
          "tolerance\n"
          "random: shapes drawn for formulas and algorithms, in f32\n{}",
          executed_.text());
    }
  }

  bool failed() const { return total_.failed != 0; }

  void begin(std::string_view layer, Pass pass) {
    row_ = {.layer = std::string(layer), .pass = std::string(to_string(pass))};
  }
  void end() const {
    if (options_.on_formula && row_.cases) {
      options_.on_formula(row_);
    }
  }

 private:
  void line(std::string_view layer, std::string_view pass, std::string_view what,
            const Tally& tally) {
    if (!options_.json) {
      fmt::print(out_, "{:<20}{:<18}{:<8}{:>7}{:>7}{:>14}{:>7}{:>13}{:>8}{:>11.1f} %\n", layer,
                 pass, what, tally.shapes, tally.cases, tally.exact, tally.agree, tally.unavailable,
                 tally.failed, 100 * tally.worst);
    }
  }

  void each(const ProblemLedger& ledger) {
    for (const Entry& entry : ledger.entries) {
      if (options_.json) {
        fmt::print(out_, "{}\n", to_json(entry).dump());
      } else if (options_.every_case) {
        fmt::print(out_, "{}: counts {}, output {}{}\n", entry.subject.name(),
                   counts_verdict(entry), output_verdict(entry),
                   entry.account ? ", executed " + executed_line(*entry.account) : "");
      }
    }
    if (ledger.failed() && !options_.json) {
      failure(ledger);
    }
  }

  void failure(const ProblemLedger& ledger) {
    const Problem& problem = ledger.problem;
    for (const std::string& line : ledger.disagreements) {
      fmt::print(out_, "FAILED {}/{}/{}: formula {}\n", problem.layer->name, to_string(ledger.pass),
                 problem.shape(), line);
    }
    for (const Entry& entry : ledger.entries) {
      for (const std::string& line : entry.disagreements) {
        fmt::print(out_, "FAILED {}: {}\n", entry.subject.name(), line);
      }
    }
    fmt::print(out_, "  reproduce: flopmeter validate --random 0 --layer {} --pass {} --shape {}\n",
               problem.layer->name, to_string(ledger.pass), problem.shape());
  }

  const ValidateOptions& options_;
  std::FILE* out_;
  ExecutedSummary executed_;
  FormulaRow row_;
  Tally total_;
};

std::vector<ProblemLedger> examine_with_progress(std::span<const Problem> problems, Pass pass,
                                                 std::span<const Dtype> dtypes, Depth depth,
                                                 const ValidateOptions& options) {
  Progress progress;
  std::size_t done = 0;
  return examine_all(
      problems, pass, dtypes, depth, options.workers, [&](const ProblemLedger& ledger) {
        progress.show(++done, problems.size(),
                      fmt::format("{} {}", ledger.problem.layer->name, ledger.problem.shape()));
      });
}

void validate_given(const AnyLayer& layer, Pass pass, std::span<const Problem> problems,
                    const ValidateOptions& options, Printer& printer) {
  std::vector<Problem> mine;
  std::ranges::copy_if(problems, std::back_inserter(mine),
                       [&](const Problem& p) { return p.layer->name == layer.name; });
  for (Problem& problem : mine) {
    problem.layer = &layer;
  }
  if (!mine.empty()) {
    printer.ledgers(
        layer.name, pass, "given",
        examine_with_progress(mine, pass, options.dtypes,
                              options.executed ? Depth::executed : Depth::counted, options));
  }
}

// Random shapes are about formulas and algorithms, which do not depend on the dtype.
constexpr std::array random_dtypes{Dtype::f32};

void validate_random(const AnyLayer& layer, Pass pass, const ValidateOptions& options,
                     Printer& printer) {
  if (options.random_shapes == 0) {
    return;
  }
  std::mt19937_64 random(options.seed);
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < options.random_shapes; ++i) {
    problems.push_back(draw_problem(layer, random));
  }
  const auto ledgers =
      examine_with_progress(problems, pass, random_dtypes, Depth::counted, options);
  printer.ledgers(layer.name, pass, "random", ledgers);
  const auto failing = std::ranges::find_if(ledgers, &ProblemLedger::failed);
  if (failing != ledgers.end()) {
    printer.shrunk(shrink(failing->problem, [&](const Problem& problem) {
      return examine(problem, pass, random_dtypes).failed();
    }));
  }
}

}  // namespace

int validate(std::span<const AnyLayer> layers, std::span<const Problem> problems,
             const ValidateOptions& options, std::FILE* out) {
  if (std::ranges::none_of(layers, [&](const AnyLayer& layer) {
        return std::ranges::any_of(options.passes, [&](Pass pass) { return layer.has(pass); });
      })) {
    layers.front().require(options.passes.front());
  }
  Printer printer(options, out);
  printer.heading();
  for (const AnyLayer& layer : layers) {
    for (const Pass pass : options.passes) {
      if (layer.has(pass)) {
        printer.begin(layer.name, pass);
        validate_given(layer, pass, problems, options, printer);
        validate_random(layer, pass, options, printer);
        printer.end();
      }
    }
  }
  printer.legend();
  return printer.failed() ? 1 : 0;
}

void add_validate(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("validate", "Prove the formulas and the backends, case by case");
  command->footer(
      "Examples:\n"
      "  flopmeter validate\n"
      "  flopmeter validate --layer conv2d --random 10000 --seed 7\n"
      "  flopmeter validate --random 0 --executed\n"
      "  flopmeter validate --random 0 --layer conv2d --shape mb1ic3ih224oc64oh112kh7sh2ph3 -v");
  auto options = std::make_shared<ValidateOptions>();
  auto selection = std::make_shared<ProblemSelection>();
  auto dtypes = std::make_shared<std::vector<std::string>>();
  auto passes = std::make_shared<std::vector<std::string>>();
  options->workers = static_cast<int>(allowed_cores().size());
  add_problem_options(*command, *selection);
  command->add_option("--dtype", *dtypes, "number types (default f32,bf16)")->delimiter(',');
  command
      ->add_option("--pass", *passes,
                   "forward, backward_data, backward_weights (default: all that the layer has)")
      ->delimiter(',');
  command->add_option("--random", options->random_shapes, "random shapes a layer and pass")
      ->capture_default_str();
  command->add_option("--seed", options->seed, "seed of the random shapes")->capture_default_str();
  command->add_option("--workers", options->workers, "shapes examined at a time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_flag(
      "--executed", options->executed,
      "also count the machine instructions of every given case, explain them, and hold "
      "them against what the CPU counts itself");
  command->add_flag("-v,--verbose", options->every_case, "a line a case");
  command->add_flag("--json", options->json, "JSON Lines, one object a case");
  command->callback([=, &exit_code] {
    if (!dtypes->empty()) {
      options->dtypes.clear();
      std::ranges::transform(*dtypes, std::back_inserter(options->dtypes), parse_dtype);
    }
    if (!passes->empty()) {
      options->passes.clear();
      std::ranges::transform(*passes, std::back_inserter(options->passes), parse_pass);
    }
    exit_code =
        validate(selected_layers(*selection), select_problems(*selection), *options, stdout);
  });
}

}  // namespace flopmeter
