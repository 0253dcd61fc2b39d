// Nodes of a chain timed alone, beside which their times in place are set.
#pragma once

#include <map>
#include <string>

#include "bench/clock.h"
#include "models/chain/chain_run.h"
#include "models/chain/run_times.h"

namespace flopmeter {

/// Runs it twice unmeasured, then for so many seconds, five times at the least, the clock read between the parts.
models::RunTimes run_times_of(const models::ChainRun& run, double seconds, const Clock& clock);

/// Each node as a network of its own, warm: inputs, weights and results stay where the caches have them. Equal ones
/// are timed once. Reorders are not in it.
class AloneTimes {
 public:
  AloneTimes(const models::Chain& chain, Dtype dtype, int threads)
      : chain_(chain), dtype_(dtype), threads_(threads) {}

  /// Seconds of node `i`.
  double operator()(std::size_t i);

 private:
  const models::Chain& chain_;
  Dtype dtype_;
  int threads_;
  std::map<std::string, double> known_;
};

}  // namespace flopmeter
