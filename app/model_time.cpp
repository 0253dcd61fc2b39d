#include "app/model_time.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <optional>

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

void write_trace(const std::string& path, const TimedRun& run, const models::Chain& chain) {
  std::ofstream file(path);
  file << trace_json(run, chain).dump() << "\n";
  if (!file.flush()) {
    bad_input("--trace {}: cannot be written", path);
  }
}

}  // namespace

int time_model(const std::string& path, const models::ModelOptions& model,
               const TimeOptions& options) {
  const Dtype dtype = parse_dtype(options.dtype);
  if (dtype == Dtype::s8) {
    bad_input("--dtype s8: networks run in f32, bf16 and f16 so far");
  }
  const models::NetworkFile file = models::read_network(path, model);
  const models::Chain chain = models::make_chain(file, dtype);
  check_memory(chain);
  Equipment equipment(steady_seconds);
  TimedNetwork timed{.path = path, .dtype = options.dtype, .chain = chain, .file = file};
  std::optional<std::vector<models::TrueResult>> truth;
  if (options.check) {
    truth = models::evaluate(file, dtype);
  }
  for (const int threads : options.threads) {
    const std::int64_t resident = resident_bytes();
    const double begin = steady_seconds();
    models::ChainRun run(chain, dtype, threads);
    const double prepared = steady_seconds() - begin;
    run.run();
    const std::int64_t grown = std::max<std::int64_t>(resident_bytes() - resident, 0);
    timed.runs.push_back(time_chain(chain, run, threads, dtype, options.seconds, equipment));
    timed.runs.back().prepare_seconds = prepared;
    timed.runs.back().planned_bytes = models::needed_bytes(chain);
    timed.runs.back().resident_bytes = grown;
    if (truth) {
      timed.agreement.push_back(compare_results(*truth, run));
    }
  }
  if (!options.trace.empty()) {
    write_trace(options.trace, timed.runs.front(), chain);
  }
  fmt::print("{}", options.json ? timed_json(timed).dump(2) + "\n" : timed_text(timed));
  return timed.agrees() ? 0 : 1;
}

}  // namespace flopmeter
