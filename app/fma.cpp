// flopmeter fma: what one fused multiply-add is worth, width by width.
#include <fmt/format.h>

#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/fma_json.h"
#include "app/number_option.h"
#include "app/subcommands.h"
#include "bench/experiments/fma/experiment.h"
#include "bench/library_versions.h"
#include "results/cell.h"
#include "results/environment.h"

namespace flopmeter {
namespace {

constexpr auto footer =
    "Every loop is generated and does 96 steps a pass. What it executes is counted first, and must "
    "be\n"
    "what was generated; then all loops of a width are timed in turn (docs/experiments.md).\n"
    "Exit codes: 0, 1 when a loop executed something else, 2 bad usage.\n"
    "Examples:\n"
    "  flopmeter fma\n"
    "  flopmeter fma --dtype=f32,f64 --rounds=31\n"
    "  flopmeter fma --json";

struct Options {
  std::vector<std::string> dtypes{"f32"};
  std::size_t rounds = FmaOptions{}.rounds;
  double milliseconds = FmaOptions{}.seconds * 1e3;
  bool json = false;
};

OpCounts counts_of_a_pass(const MacLoop& loop) {
  return op_counts(loop.expected(1), executed::Lanes::active);
}

constexpr auto row_format = "{:<8}{:<12}{:<24}{:>7}{:>12}{:>8}{:>8}{:>12}{:>9}{:>9}{:>8}\n";

std::string heading(Real real) {
  return fmt::format("{}: one pass of 96 steps in every lane\n", to_string(real)) +
         fmt::format(row_format, "width", "mix", "instructions", "instr.", "multiplies", "adds",
                     "in FMA", "time", "cycles", "GFLOPS", "moved");
}

std::string numbers(const LoopResult& result) {
  const MacLoop& loop = result.loop;
  const OpCounts counts = counts_of_a_pass(loop);
  return fmt::format(row_format, loop.width->name, to_string(loop.mix), loop.instructions(),
                     loop.expected(1).instructions, counts.multiplies, counts.adds, counts.fmas,
                     scaled_time(result.seconds().median),
                     fmt::format("{:.1f}", result.cycles().median), significant(result.gflops(), 4),
                     fmt::format("{:.1f} %", 100 * result.seconds().deviation));
}

std::string row(const LoopResult& result) {
  const MacLoop& loop = result.loop;
  const auto absent = [&](std::string_view status, std::string_view reason) {
    return fmt::format("{:<8}{:<12}{:<24}{}: {}\n", loop.width->name, to_string(loop.mix),
                       loop.instructions(), status, reason);
  };
  return !result.unavailable.empty() ? absent("unavailable", result.unavailable)
         : !result.failed.empty()    ? absent("failed", result.failed)
                                     : numbers(result);
}

std::string factor(const std::optional<Estimate>& estimate) {
  return estimate ? fmt::format("{:.2f} +-{:.1f} %", estimate->median, 100 * estimate->deviation)
                  : "-";
}

constexpr auto answer_format = "{:<8}{:>16}{:>16}{:>16}{:>24}\n";

std::string answers_heading() {
  return fmt::format("\nTime of multiply, add over the time of FMA{:>40}\n",
                     "Time of FMA over multiply") +
         fmt::format(answer_format, "width", to_string(Mix::throughput), to_string(Mix::sum),
                     to_string(Mix::horner), to_string(Mix::throughput));
}

std::string row(const Answer& answer) {
  return fmt::format(answer_format, answer.width->name, factor(answer.speedups[0]),
                     factor(answer.speedups[1]), factor(answer.speedups[2]),
                     factor(answer.fma_over_multiply));
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
bool measure(Real real, const Options& options) {
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
    fmt::print("{}", answers_heading());
  }
  for (const Answer& one : answers) {
    fmt::print("{}", options.json ? json_line(to_json(one)) : row(one));
  }
  if (!options.json) {
    fmt::print("{}{}", mixes(), verdict(answers));
  }
  return failed;
}

int run_fma(const Options& options) {
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
  command->footer(footer);
  auto options = std::make_shared<Options>();
  command->add_option("--dtype", options->dtypes, "f32 (default), f64")->delimiter(',');
  add_number<std::size_t>(*command, "--rounds", options->rounds, {1, 10000},
                          "samples of each loop, taken in turn");
  add_number<double>(*command, "--milliseconds", options->milliseconds, {0.01, 10000},
                     "of one sample");
  command->add_flag("--json", options->json, "JSON Lines");
  command->callback([options, &exit_code] { exit_code = run_fma(*options); });
}

}  // namespace flopmeter
