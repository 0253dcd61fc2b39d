#include "app/model_time.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "app/alone_times.h"
#include "app/model_time_output.h"
#include "bench/memory.h"
#include "kernels/bad_input.h"

namespace flopmeter {
namespace {

void check_memory(const models::Chain& chain) {
  const std::string lack = lack_of_memory(models::needed_bytes(chain), available_bytes());
  if (!lack.empty()) {
    bad_input("the network {}", lack);
  }
}

/// What is printed of one set of dimensions and batch.
struct Outcome {
  nlohmann::json json;
  std::string text;
  bool agrees;
};

void write_trace(const std::string& path, const TimedRun& run, const models::Chain& chain) {
  std::ofstream file(path);
  file << trace_json(run, chain).dump() << "\n";
  if (!file.flush()) {
    bad_input("--trace {}: cannot be written", path);
  }
}

void add_alone(TimedRun& timed, const models::Chain& chain, Dtype dtype) {
  AloneTimes alone(chain, dtype, timed.threads);
  for (TimedPart& row : timed.parts) {
    if (!row.part.reorder) {
      row.alone = alone(row.part.node);
    }
  }
}

TimedRun timed_run(const models::Chain& chain, models::ChainRun& run, int threads, Dtype dtype,
                   double seconds, Equipment& equipment) {
  TimedRun timed = time_chain(chain, run, threads, dtype, seconds, equipment);
  timed.planned_bytes = models::needed_bytes(chain);
  return timed;
}

Outcome time_one(const std::string& path, const models::ModelOptions& model,
                 const TimeOptions& options, Equipment& equipment) {
  const Dtype dtype = parse_dtype(options.dtype);
  const models::NetworkFile file = models::read_network(path, model);
  models::Chain chain = models::make_chain(file, dtype);
  check_memory(chain);
  std::optional<EightBitNetwork> eight_bits;
  if (dtype == Dtype::s8) {
    eight_bits.emplace(chain, options.threads.front());
  }
  TimedNetwork timed{.path = path,
                     .dtype = options.dtype,
                     .batch = std::max<std::int64_t>(model.batch, 1),
                     .dims = model.dims,
                     .chain = chain,
                     .file = file};
  std::optional<std::vector<models::TrueResult>> truth;
  if (options.check) {
    truth = models::evaluate(file, dtype == Dtype::s8 ? Dtype::f32 : dtype,
                             std::ranges::max(options.threads));
  }
  for (const int threads : options.threads) {
    const std::int64_t resident = resident_bytes();
    const double begin = steady_seconds();
    models::ChainRun run(chain, dtype, threads);
    const double prepared = steady_seconds() - begin;
    run.run();
    const std::int64_t grown = std::max<std::int64_t>(resident_bytes() - resident, 0);
    timed.runs.push_back(timed_run(chain, run, threads, dtype, options.seconds, equipment));
    timed.runs.back().prepare_seconds = prepared;
    if (options.alone) {
      add_alone(timed.runs.back(), chain, dtype);
    }
    timed.runs.back().resident_bytes = grown;
    const ResultOf result = [&](const std::string& name) { return run.result(name); };
    if (eight_bits && !timed.eight_bits) {
      timed.eight_bits = eight_bits->report(truth, result);
    }
    if (truth) {
      timed.agreement.push_back(eight_bits ? eight_bits->check(*truth, chain, result, threads)
                                           : compare_results(*truth, result));
    }
  }
  if (options.executed) {
    models::ChainRun run(chain, dtype, 1);
    timed.executed = execute_chain(chain, run, options.limit);
  }
  if (options.instances > 0) {
    timed.instances = run_instances(chain, dtype, options.instances, options.threads.front(),
                                    options.seconds, options.arrivals);
    timed.instances->batch = timed.batch;
  }
  if (!options.trace.empty()) {
    write_trace(options.trace, timed.runs.front(), chain);
  }
  return {timed_json(timed), timed_text(timed), timed.agrees()};
}

}  // namespace

/// The first set stands at the top, all of them in `sets`.
int time_model(const std::string& path, const std::vector<models::ModelOptions>& models,
               const TimeOptions& options) {
  Equipment equipment(steady_seconds);
  nlohmann::json sets = nlohmann::json::array();
  bool agree = true;
  for (const models::ModelOptions& model : models) {
    Outcome outcome = time_one(path, model, options, equipment);
    agree = agree && outcome.agrees;
    sets.push_back(std::move(outcome.json));
    if (!options.json) {
      fmt::print("{}", outcome.text);
    }
  }
  if (options.json) {
    nlohmann::json whole = sets.front();
    if (sets.size() > 1) {
      whole["sets"] = std::move(sets);
    }
    fmt::print("{}\n", whole.dump(2));
  }
  return agree ? 0 : 1;
}

}  // namespace flopmeter
