// flopmeter validate: the ledger over the default and random shapes, and its summary.
#include "app/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <memory>
#include <random>

#include "app/ledger_output.h"
#include "app/number_option.h"
#include "app/problems.h"
#include "app/sharding.h"
#include "app/standard_streams.h"
#include "app/subcommands.h"
#include "app/text.h"
#include "bench/machine/pinned_team.h"
#include "kernels/bad_input.h"
#include "validate/ledger/crashes.h"
#include "validate/ledger/fuzz.h"

namespace flopmeter {
namespace {

std::vector<ProblemLedger> examine_with_progress(std::span<const Problem> problems, Pass pass,
                                                 std::span<const Dtype> dtypes, Depth depth,
                                                 const ValidateOptions& options) {
  crashes::come_back_here();
  Progress progress;
  std::size_t done = 0;
  return examine_all(
      problems, pass, dtypes, depth, options.workers, [&](const ProblemLedger& ledger) {
        progress.show(++done, problems.size(),
                      fmt::format("{} {}", ledger.problem.layer->name, ledger.problem.shape()));
      });
}

void validate_given(const AnyLayer& layer, Pass pass, std::span<const Problem> problems,
                    const ValidateOptions& options, LedgerPrinter& printer) {
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
                     LedgerPrinter& printer) {
  if (options.random_shapes == 0) {
    return;
  }
  std::mt19937_64 random(options.seed);
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < options.random_shapes; ++i) {
    Problem drawn = draw_problem(layer, random);
    if (i % options.shard.count == options.shard.index) {
      problems.push_back(std::move(drawn));
    }
  }
  if (problems.empty()) {
    return;
  }
  const auto ledgers =
      examine_with_progress(problems, pass, random_dtypes, Depth::counted, options);
  printer.ledgers(layer.name, pass, "random", ledgers);
  const auto failing = std::ranges::find_if(ledgers, &ProblemLedger::failed);
  if (failing != ledgers.end()) {
    crashes::come_back_here();
    printer.shrunk(shrink(failing->problem, [&](const Problem& problem) {
      return examine(problem, pass, random_dtypes).failed();
    }));
  }
}

/// Those that a network has: who asks about it does not ask about others.
void keep_layers_of(const std::vector<Problem>& problems, const std::string& model,
                    std::vector<AnyLayer>& layers) {
  std::erase_if(layers, [&](const AnyLayer& layer) {
    return std::ranges::none_of(
        problems, [&](const Problem& problem) { return problem.layer->name == layer.name; });
  });
  if (layers.empty()) {
    bad_input("--model {}: no node of it has a layer that was asked for", model);
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
  LedgerPrinter printer(options, out);
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
  add_number<std::size_t>(*command, "--random", options->random_shapes, {0, most_random_shapes},
                          "random shapes a layer and pass");
  add_number<std::uint64_t>(*command, "--seed", options->seed,
                            {0, std::numeric_limits<std::uint64_t>::max()},
                            "seed of the random shapes");
  add_number<int>(*command, "--workers", options->workers, {1, 1024}, "shapes examined at a time");
  command->add_flag(
      "--executed", options->executed,
      "also count the machine instructions of every given case, explain them, and hold "
      "them against what the CPU counts itself");
  add_shard_option(*command, options->shard);
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
    std::vector<AnyLayer> layers = selected_layers(*selection);
    std::vector<Problem> problems = select_problems(*selection);
    if (!selection->model.empty()) {
      keep_layers_of(problems, selection->model, layers);
    }
    problems = shard_of(std::move(problems), options->shard,
                        [](const Problem& problem) { return shard_cost(problem, Pass::forward); });
    exit_code =
        crashes::in_children([&] { return finish(validate(layers, problems, *options, stdout)); });
  });
}

}  // namespace flopmeter
