// flopmeter fma: what one fused multiply-add is worth, width by width.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/fma_json.h"
#include "app/number_option.h"
#include "app/subcommands.h"
#include "bench/experiments/fma/experiment.h"
#include "bench/library_versions.h"
#include "results/environment.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

constexpr auto fma_footer =
    "Every loop is generated and does 96 steps a pass. What it executes is counted first, and must "
    "be\n"
    "what was generated; then all loops of a width are timed in turn (docs/experiments.md).\n"
    "Exit codes: 0, 1 when a loop executed something else, 2 bad usage.\n"
    "Examples:\n"
    "  flopmeter fma\n"
    "  flopmeter fma --dtype=f32,f64 --rounds=31\n"
    "  flopmeter fma --json";

struct FmaCommand {
  std::vector<std::string> dtypes{"f32"};
  std::size_t rounds = FmaOptions{}.rounds;
  double milliseconds = FmaOptions{}.seconds * 1e3;
  bool json = false;
};

OpCounts counts_of_a_pass(const MacLoop& loop) {
  return op_counts(loop.expected(1), executed::Lanes::active);
}

/// The loops of a pass, printed as they are measured.
const report::TextTable& loop_table() {
  static const report::TextTable table{.columns = {{"width"},
                                                   {"mix", false, 10},
                                                   {"instructions", false, 20},
                                                   {"instr.", true},
                                                   {"multiplies", true},
                                                   {"adds", true, 6},
                                                   {"in FMA", true},
                                                   {"time", true, 9},
                                                   {"cycles", true},
                                                   {"GFLOPS", true},
                                                   {"moved", true, 6}}};
  return table;
}

std::string heading(Real real) {
  return fmt::format("{}: one pass of 96 steps in every lane\n{}", to_string(real),
                     heading_line(loop_table()));
}

std::vector<report::Cell> names(const MacLoop& loop) {
  return {
      {std::string(loop.width->name)}, {std::string(to_string(loop.mix))}, {loop.instructions()}};
}

std::vector<report::Cell> numbers(const LoopResult& result) {
  const OpCounts counts = counts_of_a_pass(result.loop);
  return {report::count_cell(result.loop.expected(1).instructions),
          report::count_cell(counts.multiplies),
          report::count_cell(counts.adds),
          report::count_cell(counts.fmas),
          report::time_cell(result.seconds().median),
          {fmt::format("{:.1f}", result.cycles().median)},
          report::number_cell(result.gflops()),
          {fmt::format("{:.1f} %", 100 * result.seconds().deviation)}};
}

std::string row(const LoopResult& result) {
  std::vector<report::Cell> cells = names(result.loop);
  if (!result.unavailable.empty()) {
    cells.push_back({"unavailable: " + result.unavailable});
  } else if (!result.failed.empty()) {
    cells.push_back({"failed: " + result.failed});
  } else {
    std::ranges::move(numbers(result), std::back_inserter(cells));
  }
  return row_line(loop_table(), cells);
}

std::string factor(const std::optional<Estimate>& estimate) {
  return estimate ? fmt::format("{:.2f} +-{:.1f} %", estimate->median, 100 * estimate->deviation)
                  : "-";
}

std::string answers_text(std::span<const Answer> answers) {
  report::TextTable table{.columns = {{"width"},
                                      {std::string(to_string(Mix::throughput)), true},
                                      {std::string(to_string(Mix::sum)), true},
                                      {std::string(to_string(Mix::horner)), true},
                                      {"FMA / multiply", true}}};
  for (const Answer& answer : answers) {
    table.rows.push_back({{std::string(answer.width->name)},
                          {factor(answer.speedups[0])},
                          {factor(answer.speedups[1])},
                          {factor(answer.speedups[2])},
                          {factor(answer.fma_over_multiply)}});
  }
  return "\nTime of multiply, add over the time of FMA, by mix; then of FMA over multiply, "
         "throughput\n" +
         to_text(table);
}

std::string short_verdict(const Answer& answer) {
  if (!answer.fma_over_multiply) {
    return answer.reason;
  }
  const std::optional<bool> yes = does_two_in_one(answer);
  const auto& speedup = answer.speedups.front();
  return fmt::format(
      "{} ({:.2f} of it{})", yes ? *yes ? "yes" : "no" : "noisy", answer.fma_over_multiply->median,
      speedup ? fmt::format("; {:.2f} of a multiply and an add", 1 / speedup->median) : "");
}

std::string verdict(std::span<const Answer> answers) {
  std::string text =
      fmt::format("{}, throughput: does one FMA do two FLOPs (flop2) in the time of one multiply?",
                  to_string(answers.front().real));
  for (const Answer& answer : answers) {
    text += fmt::format("{} {}: {}", &answer == answers.data() ? "" : ",", answer.width->name,
                        short_verdict(answer));
  }
  return text + "\n";
}

std::string mixes() {
  std::string text = "\n";
  for (const Mix mix : all_mixes) {
    text += fmt::format("{:<11}{}\n", to_string(mix), equation(mix));
  }
  return text +
         "counts     of one pass, executed and equal to what was generated; in FMA: multiplies and "
         "adds of these are fused\n"
         "cycles     of one pass, against a chain of additions of one cycle each, run right "
         "after it\n"
         "GFLOPS     10^9 a second of multiplies and adds, an FMA as two (exact; of MACs the same "
         "as flop2)\n"
         "moved, +-  half of the samples lie further from their median\n\n";
}

/// All widths of one number type. Returns whether a loop failed.
bool measure(Real real, const FmaCommand& options) {
  if (!options.json) {
    fmt::print("{}", heading(real));
  }
  std::vector<Answer> answers;
  bool failed = false;
  for (const Width& width : widths()) {
    const auto results = measure_loops(
        mac_loops(real, width), {.rounds = options.rounds, .seconds = options.milliseconds / 1e3});
    for (const LoopResult& result : results) {
      failed = failed || !result.failed.empty();
      fmt::print("{}", options.json ? json_line(to_json(result)) : row(result));
    }
    answers.push_back(answer(results));
  }
  if (!options.json) {
    fmt::print("{}{}{}", answers_text(answers), mixes(), verdict(answers));
  }
  for (const Answer& one : answers) {
    if (options.json) {
      fmt::print("{}", json_line(to_json(one)));
    }
  }
  return failed;
}

int run_fma(const FmaCommand& options) {
  std::vector<Real> reals;
  std::ranges::transform(options.dtypes, std::back_inserter(reals), parse_real);
  if (options.json) {
    fmt::print("{}", environment_line(measure_environment(library_versions())));
  }
  bool failed = false;
  for (const Real real : reals) {
    failed = measure(real, options) || failed;
  }
  return failed ? 1 : 0;
}

}  // namespace

void add_fma(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("fma", "Whether one FMA does two FLOPs in the time of one, by width");
  command->footer(fma_footer);
  auto options = std::make_shared<FmaCommand>();
  command->add_option("--dtype", options->dtypes, "f32 (default), f64")->delimiter(',');
  add_number<std::size_t>(*command, "--rounds", options->rounds, {1, 10000},
                          "samples of each loop, taken in turn");
  add_number<double>(*command, "--milliseconds", options->milliseconds, {0.01, 10000},
                     "of one sample");
  command->add_flag("--json", options->json, "JSON Lines");
  command->callback([options, &exit_code] { exit_code = run_fma(*options); });
}

}  // namespace flopmeter
