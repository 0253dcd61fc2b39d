// Whole networks as rows of result files: what merge, compare, table, report and fleet know of layers, they know of
// networks then.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/shard.h"
#include "models/chain/run_times.h"
#include "results/inference_text.h"
#include "results/record.h"
#include "results/result_file.h"

namespace flopmeter {

/// A network in one type and batch, with so many threads.
struct NetworkCase {
  std::string path;
  std::string dtype;
  std::int64_t batch = 1;
  Sizes dims = {};  // that were given
  int threads = 1;

  /// "resnet50_batch8", "bert_sequence128_batch1".
  std::string shape() const;
  /// "network/forward/chain/f32/resnet50_batch8".
  std::string name() const;
  /// As merge tells cases apart.
  std::string planned() const;
  /// Samples of a run times the sizes that were given: what shards are divided by.
  double cost() const;
};

/// What was measured of it. Numbers that are not known are 0 or empty.
struct NetworkMeasured {
  models::Latency latency = {};
  std::vector<double> samples = {};        // s, whole runs
  double flops = 0, bytes = 0;             // exact in-bounds of all nodes; operands of all nodes
  double peak = 0, bandwidth = 0;          // operations and bytes a second
  double roof_seconds = 0;                 // the least time of all nodes under both
  std::optional<double> other_cores = {};  // that worked for other processes meanwhile
  std::string bound = {}, disagreement = {}, note = {}, command = {};
};

/// A line on what other processes did meanwhile, where it is enough to disturb times; else empty.
std::string company_text(const std::optional<double>& other_cores);

/// Layer "network", backend "chain", cache "chain": weights and activations lie where the run before left them.
Record network_record(const NetworkCase& of, const NetworkMeasured& measured);

/// The file that rows go into; of a shard it says first which cases that is to have.
class NetworkResults {
 public:
  /// Throws CannotWrite, CannotRead.
  NetworkResults(const std::string& path, bool resume, const Shard& shard,
                 const std::vector<NetworkCase>& mine);
  bool answered(const NetworkCase& one) const;
  void append(const Record& record) { file_.append(record); }

 private:
  ResultFile file_;
};

}  // namespace flopmeter
