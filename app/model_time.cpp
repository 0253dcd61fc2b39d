#include "app/model_time.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "app/alone_times.h"
#include "app/language_time.h"
#include "app/model_time_output.h"
#include "app/network_rows.h"
#include "app/network_tensors.h"
#include "app/network_truth.h"
#include "bench/memory.h"
#include "kernels/bad_input.h"
#include "models/language/description.h"

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
                   double seconds, double prepared, Equipment& equipment) {
  constexpr double most_of_time = 0.1;  // for preparing, of each block
  const std::int64_t needed = models::needed_bytes(chain);
  const bool anew = prepared * static_cast<double>(models::most_blocks) <= most_of_time * seconds &&
                    lack_of_memory(2 * needed, available_bytes()).empty();
  TimedRun timed = time_chain(chain, run, threads, dtype, seconds, anew, equipment);
  timed.planned_bytes = needed;
  timed.prepare_seconds = prepared;
  return timed;
}

NetworkCase case_of(const std::string& path, const models::ModelOptions& model,
                    const std::string& dtype, int threads) {
  return {.path = path,
          .dtype = dtype,
          .batch = std::max<std::int64_t>(model.batch, 1),
          .dims = model.dims,
          .threads = threads};
}

/// Whole runs, from what their parts took.
std::vector<double> whole_runs(const TimedRun& run) {
  std::vector<double> wholes;
  for (const std::vector<double>& part : run.samples) {
    wholes.resize(std::max(wholes.size(), part.size()));
    for (std::size_t i = 0; i < part.size(); ++i) {
      wholes[i] += part[i];
    }
  }
  return wholes;
}

NetworkMeasured measured_of(const TimedNetwork& timed) {
  const TimedRun& run = timed.runs.back();
  NetworkMeasured measured{.latency = run.latency,
                           .samples = whole_runs(run),
                           .peak = run.peak,
                           .bandwidth = run.bandwidth,
                           .other_cores = run.other_cores};
  std::map<std::string, double> bounds;
  for (const TimedPart& row : run.parts) {
    measured.flops += row.flops;
    measured.bytes += static_cast<double>(row.bytes);
    measured.roof_seconds += std::min(1.0, row.share_of_roof) * row.seconds;
    bounds[row.bound] += row.seconds;
  }
  const auto most =
      std::ranges::max_element(bounds, {}, [](const auto& bound) { return bound.second; });
  measured.bound = most == bounds.end() ? "" : most->first;
  if (!timed.agreement.empty()) {
    for (const ResultAgreement& one : timed.agreement.back()) {
      measured.disagreement += one.agrees ? "" : one.name + ": " + one.reason;
    }
  }
  measured.command = fmt::format("flopmeter model {} --time --dtype {} --threads {} --batch {}",
                                 timed.path, timed.dtype, run.threads, timed.batch);
  for (const std::string& input : timed.inputs) {
    measured.command += fmt::format(" --input '{}'", input);
  }
  for (const auto& [name, size] : timed.dims) {
    measured.command += fmt::format(" --dim '{}={}'", name, size);
  }
  return measured;
}

/// Where an input is a result as well, the network's tensor has another name.
void use_names_of_file(const models::NetworkFile& file, std::vector<ResultAgreement>& agreement) {
  for (ResultAgreement& one : agreement) {
    const auto found = std::ranges::find(file.results, one.name, [&](const auto& result) {
      return file.network.tensors()[result.tensor].name;
    });
    one.name = found == file.results.end() ? one.name : found->name;
  }
}

Outcome time_one(const std::string& path, const models::ModelOptions& model,
                 const TimeOptions& options, Equipment& equipment, NetworkResults* results) {
  const Dtype dtype = parse_dtype(options.dtype);
  const models::NetworkFile file = models::read_network(path, model);
  models::Chain chain = models::make_chain(file, dtype);
  check_memory(chain);
  std::optional<EightBitNetwork> eight_bits;
  models::Decisions in_f32;
  if (dtype == Dtype::s8) {
    if (options.check) {
      in_f32 = models::decisions_of(chain, Dtype::f32, options.threads.front());
    }
    eight_bits.emplace(chain, options.threads.front());
  }
  TimedNetwork timed{.path = path,
                     .dtype = options.dtype,
                     .batch = std::max<std::int64_t>(model.batch, 1),
                     .dims = model.dims,
                     .inputs = options.inputs,
                     .chain = chain,
                     .file = file};
  NetworkTruth truths(file, dtype == Dtype::s8 ? Dtype::f32 : dtype,
                      std::ranges::max(options.threads));
  for (const int threads : options.threads) {
    const std::int64_t before = allocated_bytes();
    const double begin = steady_seconds();
    models::ChainRun run(chain, dtype, threads);
    const double prepared = steady_seconds() - begin;
    run.run();
    const std::int64_t grown = std::max<std::int64_t>(allocated_bytes() - before, 0);
    timed.runs.push_back(
        timed_run(chain, run, threads, dtype, options.seconds, prepared, equipment));
    if (options.alone) {
      add_alone(timed.runs.back(), chain, dtype);
    }
    timed.runs.back().resident_bytes = grown;
    const ResultOf result = [&](const std::string& name) { return run.result(name); };
    std::optional<std::vector<models::TrueResult>> truth;
    if (options.check) {
      const bool real = eight_bits && !eight_bits->own_steps();
      truth = truths.following(real ? in_f32 : models::decisions_of(chain, dtype, threads));
    }
    if (eight_bits && !timed.eight_bits) {
      timed.eight_bits = eight_bits->report(truth, result);
    }
    if (truth) {
      const auto compared = [&](const std::vector<models::TrueResult>& with) {
        return eight_bits ? eight_bits->check(with, chain, result, threads)
                          : compare_results(with, result);
      };
      timed.agreement.push_back(compared(*truth));
      if (!std::ranges::all_of(timed.agreement.back(), &ResultAgreement::agrees)) {
        timed.agreement.back() = compared(truths.with_rounding());
      }
    }
    if (truth) {
      use_names_of_file(file, timed.agreement.back());
    }
    if (!options.dump.empty()) {
      dump_tensors(options.dump, file, run);
    }
    if (results != nullptr) {
      results->append(
          network_record(case_of(path, model, options.dtype, threads), measured_of(timed)));
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

/// A set of dimensions, batch and number type, with the numbers of threads that are to be measured of it.
struct TimedSet {
  models::ModelOptions model;
  std::string dtype;
  std::vector<int> threads;
};

/// "f32,bf16" is two. Throws BadInput for what is none.
std::vector<std::string> dtypes_of(const std::string& list) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    all.push_back(list.substr(at, end - at));
    parse_dtype(all.back());
    at = end + 1;
  }
  return all;
}

/// The shard's part of all sets and threads; without what the file has already. Opens the file.
std::vector<TimedSet> sets_of(const std::string& path,
                              const std::vector<models::ModelOptions>& models,
                              const TimeOptions& options, std::optional<NetworkResults>& results) {
  std::vector<std::pair<std::size_t, NetworkCase>> all;
  const std::vector<std::string> dtypes = dtypes_of(options.dtype);
  for (std::size_t i = 0; i < models.size() * dtypes.size(); ++i) {
    for (const int threads : options.threads) {
      all.emplace_back(
          i, case_of(path, models[i / dtypes.size()], dtypes[i % dtypes.size()], threads));
    }
  }
  const auto mine = shard_of(all, options.shard, [](const auto& one) { return one.second.cost(); });
  if (!options.output.empty()) {
    std::vector<NetworkCase> cases;
    std::ranges::transform(mine, std::back_inserter(cases),
                           [](const auto& one) { return one.second; });
    results.emplace(options.output, options.resume, options.shard, cases);
  }
  std::map<std::size_t, TimedSet> sets;
  for (const auto& [set, one] : mine) {
    if (!results || !results->answered(one)) {
      TimedSet& of = sets[set];
      of.model = models[set / dtypes.size()];
      of.dtype = one.dtype;
      of.threads.push_back(one.threads);
    }
  }
  std::vector<TimedSet> chosen;
  for (auto& [place, set] : sets) {
    chosen.push_back(std::move(set));
  }
  return chosen;
}

}  // namespace

/// The first set stands at the top, all of them in `sets`.
int time_model(const std::string& path, const std::vector<models::ModelOptions>& models,
               const TimeOptions& options) {
  if (options.resume && options.output.empty()) {
    bad_input("--resume goes on with a file of results: name it with -o");
  }
  if (options.arrivals > 0 && options.instances == 0) {
    bad_input("--arrivals needs --instances: it is how often runs of so many copies are asked for");
  }
  if (models::is_language_model(path)) {
    models::require_language_options(models.front());
    return time_language_model(path, models, options);
  }
  if (!options.cache_dtype.empty()) {
    bad_input("--cache-dtype is for language models, GGUF or config.json: {} is neither", path);
  }
  Equipment equipment(steady_seconds);
  nlohmann::json sets = nlohmann::json::array();
  bool agree = true;
  std::optional<NetworkResults> results;
  const std::vector<TimedSet> chosen = sets_of(path, models, options, results);
  if (chosen.size() > 1 && !(options.trace + options.dump).empty()) {
    bad_input("{} is of one batch, set of dimensions and dtype: here are {}",
              options.trace.empty() ? "--dump" : "--trace", chosen.size());
  }
  for (const TimedSet& set : chosen) {
    TimeOptions of = options;
    of.threads = set.threads;
    of.dtype = set.dtype;
    Outcome outcome = time_one(path, set.model, of, equipment, results ? &*results : nullptr);
    agree = agree && outcome.agrees;
    sets.push_back(std::move(outcome.json));
    if (!options.json) {
      fmt::print("{}", outcome.text);
    }
  }
  if (options.json) {
    nlohmann::json whole = sets.empty() ? nlohmann::json::object() : sets.front();
    if (sets.size() != 1) {
      whole["sets"] = std::move(sets);
    }
    fmt::print("{}\n", whole.dump(2));
  }
  if (sets.empty() && !options.json) {
    fmt::print("{}: nothing is left to measure here\n", path);
  }
  return agree ? 0 : 1;
}

}  // namespace flopmeter
