// How `flopmeter model FILE --time` writes what was measured: text, JSON, and a trace.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/model_eight_bits.h"
#include "app/model_executed.h"
#include "app/model_instances.h"
#include "app/model_time_rows.h"
#include "app/result_agreement.h"
#include "results/inference_text.h"

namespace flopmeter {

struct TimedNetwork {
  std::string path, dtype;
  std::int64_t batch = 1;                // samples of a run, as the user counts them
  Sizes dims = {};                       // that the user gave
  std::vector<std::string> inputs = {};  // NAME=VALUE, likewise
  const models::Chain& chain;
  const models::NetworkFile& file;
  std::vector<TimedRun> runs = {};  // by the number of threads
  std::optional<InstancesRun> instances = {};
  std::optional<ExecutedChain> executed = {};
  std::optional<EightBitReport> eight_bits = {};
  std::vector<std::vector<ResultAgreement>> agreement = {};  // of each run, empty: not checked

  bool agrees() const;
};

std::string timed_text(const TimedNetwork& timed);
nlohmann::json timed_json(const TimedNetwork& timed);

/// Chrome's trace events, which Perfetto opens: the last run whose parts were timed, microseconds.
nlohmann::json trace_json(const TimedRun& run, const models::Chain& chain);

}  // namespace flopmeter
