#include "app/plan_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/alone_times.h"
#include "app/language_rows.h"
#include "app/machine_drift.h"
#include "app/machine_profile.h"
#include "app/model_eight_bits.h"
#include "bench/clock.h"
#include "bench/library_versions.h"
#include "bench/machine/core_time.h"
#include "bench/memory.h"
#include "kernels/bad_input.h"
#include "models/chain/chain_run.h"
#include "models/plan/drift.h"

namespace flopmeter {
namespace {

using planner::Candidate;

/// 8-bit steps are found on a copy, as the chain is that of the other dtypes as well.
PlanMeasured measured(const Candidate& candidate, models::Chain chain, double seconds) {
  if (candidate.dtype == Dtype::s8) {
    EightBitNetwork(chain, candidate.threads);
  }
  const models::ChainRun run(chain, candidate.dtype, candidate.threads);
  const std::optional<CoreUse> use = core_use();
  const models::RunTimes times = run_times_of(run, seconds, steady_seconds);
  PlanMeasured made{.latency = times.latency, .other_cores = cores_of_others(use, core_use())};
  AloneTimes alone(chain, candidate.dtype, candidate.threads);
  for (std::size_t i = 0; i < chain.nodes.size(); ++i) {
    made.nodes.push_back({.name = chain.nodes[i].name,
                          .predicted = candidate.prediction.items[i].seconds(),
                          .alone = alone(i)});
    made.sum_alone += made.nodes.back().alone;
  }
  made.nodes.push_back({.name = "reorders"});
  for (std::size_t i = chain.nodes.size(); i < candidate.prediction.items.size(); ++i) {
    made.nodes.back().predicted += candidate.prediction.items[i].seconds();
  }
  for (std::size_t part = 0; part < run.parts().size(); ++part) {
    const models::ChainPart& one = run.parts()[part];
    NodeMeasured& node = one.reorder ? made.nodes.back() : made.nodes[one.node];
    node.measured += times.parts[part];
  }
  return made;
}

std::string joined(const NamedValues& values) {
  std::string text;
  for (const auto& [name, value] : values) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
  }
  return text.empty() ? "none" : text;
}

/// Only what a machine file is of can be held against it; one that was written by hand may be of any.
void require_this_machine(const std::string& path, const Environment& here) {
  const Environment there = read_machine_file(path).environment;
  if (!there.cpu.empty() && (there.cpu != here.cpu || there.cpu_id != here.cpu_id)) {
    bad_input(
        "--check: {} is of {} ({}), this is {} ({}): what it predicts cannot be measured here",
        path, there.cpu, there.cpu_id, here.cpu, here.cpu_id);
  }
  if (!there.cpu.empty() && there.variables != here.variables) {
    bad_input("--check: {} was measured with the variables {}, here they are {}", path,
              joined(there.variables), joined(here.variables));
  }
}

/// A language model runs as model --time runs it; nodes have no times alone.
PlanMeasured measured_language(const PlanReport& report, const Candidate& candidate, double seconds,
                               Equipment& equipment) {
  const models::LanguageModel& model = *report.language;
  const auto format = generation::format_named(candidate.stored);
  const models::LanguageWeights weights =
      models::make_weights(model, format, model.transformer.layers);
  models::Phase phase = report.phase;
  phase.batch = candidate.batch;
  models::GenerationState state(
      model, model.transformer.layers, phase.batch, phase.past + phase.tokens,
      candidate.stored == "f32" ? generation::CacheType::f32 : generation::CacheType::bf16);
  for (generation::KeyValueCache& cache : state.caches) {
    cache.draw(phase.past, 1);
  }
  models::Generator generator(model, weights, state, phase, candidate.threads);
  generator.set_tokens(
      models::drawn_tokens(model.transformer.vocabulary, phase.batch * phase.tokens));
  const std::optional<CoreUse> use = core_use();
  const LanguageRun run = time_generation(generator, phase, candidate.threads, seconds, equipment);
  PlanMeasured made{.latency = run.latency, .other_cores = cores_of_others(use, core_use())};
  for (std::size_t i = 0; i < run.rows.size(); ++i) {
    made.nodes.push_back({.name = run.rows[i].part.name,
                          .predicted = candidate.parts[i].second,
                          .measured = run.rows[i].seconds});
  }
  return made;
}

}  // namespace

void check_plans(PlanReport& report, double seconds, const TakeMeasured& take) {
  const Environment here = measure_environment(library_versions());
  for (const Candidate& candidate : report.candidates) {
    require_this_machine(candidate.machine, here);
  }
  Equipment equipment(steady_seconds);
  for (const Candidate& candidate : report.candidates) {
    const PlanItems& items = report.items.at(candidate.batch);
    const bool language = !candidate.parts.empty();
    if (!language && !items.chain) {
      bad_input("--check: {} cannot run here: {}", report.model, report.unfused);
    }
    const std::int64_t needed = language ? static_cast<std::int64_t>(candidate.memory_bytes)
                                         : models::needed_bytes(*items.chain);
    if (const std::string lack = lack_of_memory(needed, available_bytes()); !lack.empty()) {
      bad_input("--check: batch {} {}", candidate.batch, lack);
    }
    const auto file = std::ranges::find(report.machines, candidate.machine, &MachineFile::path);
    const auto drift_now = [&] {
      return measured_drift(*file, candidate.dtype, candidate.threads, equipment);
    };
    const std::optional<double> before = drift_now();
    PlanMeasured& made = report.measured.emplace_back(
        language ? measured_language(report, candidate, seconds, equipment)
                 : measured(candidate, *items.chain, seconds));
    made.drift_before = before;
    made.drift_after = drift_now();
    made.drift = planner::drift_around(made.drift_before, made.drift_after);
    if (take) {
      take(candidate, report.measured.back());
    }
  }
}

}  // namespace flopmeter
