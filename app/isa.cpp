// flopmeter isa: what oneDNN's kernel of a layer executes, and how fast, by instruction set.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "app/isa_row.h"
#include "app/isa_table.h"
#include "app/subcommands.h"
#include "bench/experiments/isa/onednn_isa.h"
#include "bench/library_versions.h"
#include "bench/row.h"
#include "results/environment.h"

namespace flopmeter {
namespace {

constexpr auto isa_footer =
    "oneDNN reads its limit, DNNL_MAX_CPU_ISA, once a process, so that each instruction set is "
    "measured\n"
    "in a process of its own. Also takes --benchmark_repetitions=25 and "
    "--benchmark_min_time=0.002.\n"
    "Exit codes: 0, 1 when a row failed or counting changed a result, 2 bad usage.\n"
    "Examples:\n"
    "  flopmeter isa conv2d mb1ic64ih56oc64oh56kh3ph1\n"
    "  flopmeter isa linear --dtype=f32,bf16,s8 --isa=avx2,avx512_core,avx512_core_amx\n"
    "  flopmeter isa lstm --pass=forward,backward_data --json";

struct IsaCommand {
  std::string layer;
  std::string shape;
  std::vector<std::string> isas;
  std::vector<std::string> passes{"forward"};
  std::vector<std::string> dtypes{"f32"};
  bool here = false;
  bool json = false;
};

/// The default shape with the most MACs, or operations where there are none, that takes little
/// time.
Problem usual_problem(const AnyLayer& layer) {
  constexpr std::int64_t most = 300'000'000;
  const auto work = [](const Problem& problem) {
    return rated_operations({problem, Pass::forward, "onednn", Dtype::f32});
  };
  std::vector<Problem> problems = default_problems(layer);
  std::ranges::stable_sort(problems, {}, work);
  const auto end = std::ranges::find_if(problems, [&](const Problem& p) { return work(p) > most; });
  return end == problems.begin() ? problems.front() : *std::prev(end);
}

/// Ours unless others are given: many short samples, so that some of them nothing interrupts.
BenchmarkFlags measuring_flags(std::vector<std::string> extra) {
  if (BenchmarkFlags(extra).measuring().size() != extra.size()) {
    bad_input(
        "isa: of Google Benchmark's options it takes --benchmark_repetitions, "
        "--benchmark_min_time and --benchmark_min_warmup_time, not all of '{}'",
        fmt::join(extra, " "));
  }
  extra.insert(extra.begin(), {"--benchmark_repetitions=25", "--benchmark_min_time=0.002"});
  return BenchmarkFlags(extra);
}

std::vector<std::string_view> chosen_isas(const IsaCommand& options) {
  std::vector<std::string_view> isas;
  std::ranges::transform(options.isas, std::back_inserter(isas), parse_onednn_isa);
  if (isas.empty() && onednn_isas().empty()) {
    bad_input("isa: this build has no oneDNN");
  }
  return isas.empty() ? onednn_isas() : isas;
}

std::vector<BenchCase> chosen_cases(const IsaCommand& options) {
  const AnyLayer& layer = find_layer(options.layer);
  BenchGrid grid{.problems = {options.shape.empty() ? usual_problem(layer)
                                                    : parse_problem(layer, options.shape)},
                 .backends = {"onednn"},
                 .passes = {},
                 .dtypes = {}};
  std::ranges::transform(options.passes, std::back_inserter(grid.passes), parse_pass);
  std::ranges::transform(options.dtypes, std::back_inserter(grid.dtypes), parse_dtype);
  std::ranges::for_each(grid.passes, [&](Pass pass) { layer.require(pass); });
  return bench_cases(grid, 1);
}

bool failed(const IsaRow& row) {
  return row.record.status == "failed" || !row.disagreement().empty();
}

void print_json(const std::vector<IsaRow>& rows) {
  const auto ratios = ratios_to_best(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Json json = to_json(rows[i]);
    const auto per_mac = rows[i].instructions_per_mac();
    json["instructions_per_formula_mac"] = per_mac ? Json(*per_mac) : Json();
    json["ratio_to_best"] = ratios[i] ? Json(*ratios[i]) : Json();
    fmt::print("{}", json_line(json));
  }
}

void print_text(const BenchCase& what, const std::vector<IsaRow>& rows) {
  fmt::print("{}\n{}{}\n", what.name(), isa_table(rows), isa_verdict(rows));
}

/// Returns whether a row failed.
bool sweep(const BenchCase& what, std::span<const std::string_view> isas,
           const BenchmarkFlags& flags, bool json) {
  std::vector<IsaRow> rows;
  for (const std::string_view isa : isas) {
    rows.push_back(measure_isa_in_child(isa, what, flags));
  }
  json ? print_json(rows) : print_text(what, rows);
  return std::ranges::any_of(rows, failed);
}

int measure_here(const std::vector<BenchCase>& cases, std::span<const std::string_view> isas,
                 const BenchmarkFlags& flags) {
  if (cases.size() != 1 || isas.size() != 1) {
    bad_input("--here measures one case with one --isa, in this process");
  }
  fmt::print("{}", json_line(to_json(measure_isa(isas.front(), cases.front(), flags))));
  return 0;
}

int run_isa(const IsaCommand& options, const BenchmarkFlags& flags) {
  const std::vector<std::string_view> isas = chosen_isas(options);
  const std::vector<BenchCase> cases = chosen_cases(options);
  if (options.here) {
    return measure_here(cases, isas, flags);
  }
  if (options.json) {
    fmt::print("{}", environment_line(measure_environment(library_versions())));
  }
  bool any_failed = false;
  for (const BenchCase& what : cases) {
    any_failed = sweep(what, isas, flags, options.json) || any_failed;
  }
  if (!options.json) {
    fmt::print("{}", isa_legend());
  }
  return any_failed ? 1 : 0;
}

}  // namespace

void add_isa(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("isa", "What oneDNN's kernel executes, and how fast, by instruction set");
  command->footer(isa_footer);
  command->allow_extras();
  auto options = std::make_shared<IsaCommand>();
  command->add_option("layer", options->layer, "matmul, linear, conv2d, ...")->required();
  command->add_option("shape", options->shape,
                      "the shape (default: the largest default one below 3*10^8 FLOPs)");
  command->add_option("--isa", options->isas, "instruction sets (default: all that oneDNN names)")
      ->delimiter(',');
  command
      ->add_option("--pass", options->passes, "forward (default), backward_data, backward_weights")
      ->delimiter(',');
  command->add_option("--dtype", options->dtypes, "f32 (default), bf16, f16, s8")->delimiter(',');
  command->add_flag("--here", options->here,
                    "in this process, under the limit that it was started with: one line of JSON");
  command->add_flag("--json", options->json, "JSON Lines");
  command->callback([command, options, &exit_code] {
    exit_code = run_isa(*options, measuring_flags(command->remaining()));
  });
}

}  // namespace flopmeter
