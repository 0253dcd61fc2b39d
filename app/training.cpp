// flopmeter training: what a training step costs over its forward pass.
#include "validate/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/number_option.h"
#include "app/problems.h"
#include "app/step_times.h"
#include "app/subcommands.h"
#include "app/text.h"
#include "bench/driver.h"
#include "kernels/bad_input.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

constexpr auto training_footer =
    "Operations are counted in bounds; the step is the forward and both backward passes, without "
    "the\n"
    "optimiser. In a network the first layer has no data gradient. What is trained says which "
    "gradients\n"
    "are needed: a frozen layer has no weight gradient, and nothing in front of the first trained "
    "one "
    "any.\n"
    "Examples:\n"
    "  flopmeter training\n"
    "  flopmeter training --layer conv2d --shape g32mb1ic32ih56oc32kh3ph1\n"
    "  flopmeter training --layer linear --time\n"
    "  flopmeter training --layer linear --frozen\n"
    "  flopmeter training --layer attention --shape mb1l128e4096h32bias0 --lora 16 --train q,v";

/// What is trained, if not everything.
TrainingCost cost_of(const Problem& problem, const Trained& trained) {
  return trained.everything() ? training_cost(problem) : training_cost(problem, trained);
}

TrainingCost cost_of(const Network& network, const Trained& trained) {
  return trained.everything() ? training_cost(network) : training_cost(network, trained);
}

struct Row {
  std::string name;
  std::string what;  // a shape; empty for a network
  TrainingCost cost;
  std::optional<double> time_ratio;
  std::string time_remarks = {};  // why the time is missing or not to be trusted

  std::string title() const { return what.empty() ? name : name + " " + what; }
};

/// By the first library that is no source of ours.
std::optional<std::string> timed_backend(const AnyLayer& layer) {
  const auto library = std::ranges::find(layer.backends, BackendKind::binary, &AnyBackend::kind);
  return library == layer.backends.end() ? std::nullopt : std::optional(std::string(library->name));
}

StepTimes time_passes(const Problem& problem) {
  static const BenchmarkFlags quick({"--benchmark_repetitions=3", "--benchmark_min_time=0.01"});
  StepTimes times;
  const auto backend = timed_backend(*problem.layer);
  if (!backend) {
    times.complete = false;
    times.remarks = "no library computes it";
    return times;
  }
  const BenchGrid grid{.problems = {problem},
                       .backends = {*backend},
                       .passes = {all_passes.begin(), all_passes.end()}};
  run_cases(bench_cases(grid, 1), quick, [&](const Record& record) { times.add(record); });
  return times;
}

std::vector<Row> layer_rows(std::span<const Problem> problems, const Trained& trained, bool timed) {
  std::vector<Row> rows;
  for (const Problem& problem : problems) {
    const TrainingCost cost = cost_of(problem, trained);
    if (problem.layer->has(Pass::backward_data) && cost.flops.forward != 0) {
      const StepTimes times = timed ? time_passes(problem) : StepTimes{};
      rows.push_back(
          {std::string(problem.layer->name), problem.shape(), cost, times.ratio(), times.remarks});
    }
  }
  return rows;
}

std::vector<Row> network_rows(const Trained& trained) {
  std::vector<Row> rows;
  for (const Network& network : networks()) {
    if (network.nodes().size() > 1) {
      rows.push_back({network.name(), "", cost_of(network, trained), std::nullopt});
    }
  }
  return rows;
}

std::string times(double ratio) { return std::isnan(ratio) ? "-" : fmt::format("{:.3f}", ratio); }

/// "2.98", with what speaks against it behind.
std::string time_text(const Row& row) {
  const std::string ratio = row.time_ratio ? fmt::format("{:.2f}", *row.time_ratio) : "-";
  return row.time_remarks.empty() ? ratio : fmt::format("{}  {}", ratio, row.time_remarks);
}

/// Parameters that are trained, of all: "65,536 of 4,194,304".
std::string trained_text(const TrainingCost& cost) {
  return fmt::format("{} of {}", grouped(cost.trained), grouped(cost.parameters));
}

struct Columns {
  bool timed, trained;
};

void print(std::span<const Row> rows, std::string_view heading, Columns columns) {
  report::TextTable table{.columns = {{std::string(heading)},
                                      {"forward MACs", true},
                                      {"data grad. MACs", true},
                                      {"weight grad. MACs", true},
                                      {"step/fwd MACs", true},
                                      {"step/fwd FLOPs", true}}};
  if (columns.trained) {
    table.columns.push_back({"parameters trained", true});
  }
  if (columns.timed) {
    table.columns.push_back({"step/fwd time"});
  }
  for (const Row& row : rows) {
    const PassCosts& macs = row.cost.macs;
    auto& cells =
        table.rows.emplace_back(std::vector<report::Cell>{{row.title()},
                                                          {grouped(macs.forward)},
                                                          {grouped(macs.backward_data)},
                                                          {grouped(macs.backward_weights)},
                                                          {times(macs.ratio())},
                                                          {times(row.cost.flops.ratio())}});
    if (columns.trained) {
      cells.push_back({trained_text(row.cost)});
    }
    if (columns.timed) {
      cells.push_back({time_text(row)});
    }
  }
  fmt::print("{}", report::to_text(table));
}

/// The range of the ratio over rows that have MACs.
void summarise(std::span<const Row> rows, std::string_view what) {
  std::vector<const Row*> counted;
  for (const Row& row : rows) {
    if (row.cost.macs.forward != 0) {
      counted.push_back(&row);
    }
  }
  if (counted.empty()) {
    return;
  }
  const auto ratio = [](const Row* row) { return row->cost.macs.ratio(); };
  const auto [low, high] = std::ranges::minmax_element(counted, {}, ratio);
  fmt::print(
      "{}: a step costs from {:.3f} ({}) to {:.3f} ({}) times the MACs of its forward pass\n\n",
      what, ratio(*low), (*low)->title(), ratio(*high), (*high)->title());
}

nlohmann::json to_json(const PassCosts& costs) {
  const double ratio = costs.ratio();
  return {{"forward", costs.forward},
          {"backward_data", costs.backward_data},
          {"backward_weights", costs.backward_weights},
          {"step_over_forward", std::isnan(ratio) ? nlohmann::json() : nlohmann::json(ratio)}};
}

void print_json(std::span<const Row> rows, std::string_view kind) {
  for (const Row& row : rows) {
    nlohmann::json json{{"kind", kind},
                        {"name", row.name},
                        {"what", row.what},
                        {"macs", to_json(row.cost.macs)},
                        {"flops_exact", to_json(row.cost.flops)},
                        {"parameters", row.cost.parameters},
                        {"trained_parameters", row.cost.trained}};
    json["time_step_over_forward"] =
        row.time_ratio ? nlohmann::json(*row.time_ratio) : nlohmann::json();
    json["time_remarks"] = row.time_remarks;
    fmt::print("{}\n", json.dump());
  }
}

struct TrainingOptions {
  ProblemSelection selection;
  Trained trained;
  bool timed = false;
  bool json = false;
};

void check(const TrainingOptions& options) {
  const Trained& trained = options.trained;
  if (trained.everything()) {
    return;
  }
  if (options.timed) {
    bad_input("--time measures whole passes: not with --frozen, --lora or --train");
  }
  if (options.selection.layers.empty()) {
    bad_input("--frozen, --lora and --train are of one layer: give --layer");
  }
  if (trained.frozen && (trained.rank != 0 || !trained.only.empty())) {
    bad_input("--frozen trains nothing of the layer: not with --lora or --train");
  }
}

void run_training(const TrainingOptions& options) {
  check(options);
  const Trained& trained = options.trained;
  const std::vector<Row> layers =
      layer_rows(select_problems(options.selection), trained, options.timed);
  if (layers.empty()) {
    bad_input("{} has no backward pass that computes", options.selection.layers.front());
  }
  const std::vector<Row> whole =
      options.selection.layers.empty() ? network_rows(trained) : std::vector<Row>{};
  if (options.json) {
    print_json(layers, "layer");
    print_json(whole, "network");
    return;
  }
  print(layers, "layer", {options.timed, !trained.everything()});
  summarise(layers, "Layers");
  if (!whole.empty()) {
    print(whole, "network", {false, !trained.everything()});
    summarise(whole, "Networks");
  }
  fmt::print(
      "MACs and FLOPs (exact: every multiply, add, divide and square root once) without taps in "
      "the "
      "padding\n");
}

}  // namespace

void add_training(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("training", "What a training step costs over its forward pass");
  command->footer(training_footer);
  auto options = std::make_shared<TrainingOptions>();
  add_problem_options(*command, options->selection);
  command->add_flag("--time", options->timed,
                    "time the passes, too (oneDNN, f32, one thread, operands in the caches)");
  command->add_flag("--frozen", options->trained.frozen,
                    "no weight of the layer is trained, but something in front of it is");
  add_number<std::int64_t>(*command, "--lora", options->trained.rank, {1, 1'000'000},
                           "the layer is frozen, and each linear layer in it has two trained "
                           "matrices of this rank")
      ->default_str("");
  command
      ->add_option(
          "--train", options->trained.only,
          "parts of a composed layer that are trained (or with --lora adapted), the others "
          "are frozen: q,v")
      ->delimiter(',');
  command->add_flag("--json", options->json, "JSON Lines");
  command->callback([options, &exit_code] {
    run_training(*options);
    exit_code = 0;
  });
}

}  // namespace flopmeter
