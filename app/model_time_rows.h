// What is measured of a network that runs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/equipment.h"
#include "models/chain/chain_run.h"
#include "models/chain/truth.h"

namespace flopmeter {

/// The middle of the samples, in seconds. `low` and `high` hold the median in 95 of 100 cases, whatever the
/// distribution: ranks n/2 -+ 0.98 sqrt(n).
struct Latency {
  double median = 0, low = 0, high = 0, p90 = 0, p99 = 0;
  std::size_t runs = 0;
};
Latency latency_of(std::vector<double> seconds);

/// A part of the run. `bound`: as of bench, of the weights from main memory and the rest as well.
struct TimedPart {
  models::ChainPart part;
  double seconds = 0;
  double flops = 0;  // exact, taps in bounds, of the layer alone; 0 for reorders
  std::int64_t bytes = 0;
  double share_of_roof = 0;  // the least time under both roofs over the time
  std::string bound = {};
};

/// One number of threads.
struct TimedRun {
  int threads = 1;
  Latency latency = {};
  std::vector<TimedPart> parts = {};
  double sum_seconds = 0;    // of the rows
  double whole_seconds = 0;  // median of the runs that the rows are of
  double prepare_seconds = 0;
  std::size_t arena_bytes = 0;
  std::int64_t planned_bytes = 0;   // before anything was made: weights twice, all else once
  std::int64_t resident_bytes = 0;  // by which the process grew; 0: not known
  double peak = 0, bandwidth = 0;   // operations and bytes a second
  std::vector<std::vector<double>> samples = {};  // by part
};

/// Runs it for so many seconds, in turn as a whole and with the clock read between the parts.
TimedRun time_chain(const models::Chain& chain, models::ChainRun& run, int threads, Dtype dtype,
                    double seconds, Equipment& equipment);

/// Bytes of this process in memory; 0 where it is not known.
std::int64_t resident_bytes();

/// How far the results of a run are from the truth.
struct ResultAgreement {
  std::string name;
  double max_error = 0, tolerance = 0, largest = 0;
  bool agrees = false;
  std::string reason;
};
std::vector<ResultAgreement> compare_results(const std::vector<models::TrueResult>& truth,
                                             models::ChainRun& run);

}  // namespace flopmeter
