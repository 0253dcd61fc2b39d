// What is measured of a network that runs.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/equipment.h"
#include "models/chain/chain_run.h"
#include "models/chain/run_times.h"

namespace flopmeter {

/// A part of the run. `bound`: as of bench, of the weights from main memory and the rest as well.
struct TimedPart {
  models::ChainPart part;
  double seconds = 0;  // mean in place
  double flops = 0;    // exact, taps in bounds, of the layer alone; 0 for reorders
  std::int64_t bytes = 0;
  double share_of_roof = 0;  // the least time under both roofs over the time
  std::string bound = {};
  std::optional<double> alone = {};  // seconds of the node alone and warm, where that was asked for
};

double gflops(const TimedPart& row);

/// The layer's shape, of a reorder the layouts.
std::string shape_of(const TimedPart& row, const models::FusedNode& node);

/// One number of threads.
struct TimedRun {
  int threads = 1;
  models::Latency latency = {};
  std::vector<TimedPart> parts = {};
  double clock_seconds = 0;  // of reading the clock at the borders of rows, a row of its own
  double whole_seconds = 0;  // mean of the runs that the rows are of, and their sum
  std::size_t rows_of = 0;   // those runs
  double span_seconds = 0;   // from the first run to the last
  std::optional<double> other_cores = {};  // that worked for other processes meanwhile, on average
  double prepare_seconds = 0;
  std::size_t arena_bytes = 0;
  std::int64_t planned_bytes = 0;   // before anything was made: weights twice, all else once
  std::int64_t resident_bytes = 0;  // allocated until the first run was over
  double peak = 0, bandwidth = 0;   // operations and bytes a second
  std::vector<std::vector<double>> samples = {};  // by part
};

/// Seconds by backend, and by number type where there are several; the reorders and the clock apart.
std::map<std::string, double> by_backend(const TimedRun& run);

/// The seconds that one reading of the clock takes: of many in a row.
double reading_seconds(const Clock& clock);

/// Runs it for so many seconds in blocks, at least once each, the clock read between the parts of every run. `anew`:
/// each block on a chain that is prepared for it.
TimedRun time_chain(const models::Chain& chain, models::ChainRun& run, int threads, Dtype dtype,
                    double seconds, bool anew, Equipment& equipment);

/// Bytes that this process has allocated and not freed. Not those that are resident: a process that measures keeps
/// what it frees, so that what was resident before a second run says nothing of what this one needs.
std::int64_t allocated_bytes();

}  // namespace flopmeter
