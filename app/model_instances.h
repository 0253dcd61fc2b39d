// flopmeter model FILE --time --instances K: K copies of a network on cores of their own, as servers run it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/chain/chain.h"
#include "models/chain/run_times.h"

namespace flopmeter {

/// Requests that came whether or not an instance was free: from the arrival to the end.
struct OpenLoop {
  double offered_per_second = 0, served_per_second = 0;  // runs
  models::Latency latency = {};
};

struct InstancesRun {
  int instances = 1, threads = 1;  // of each
  std::int64_t batch = 1;          // samples of a run
  double runs_per_second = 0;      // of all, each beginning when the one before it has ended
  models::Latency latency = {};    // of these runs
  OpenLoop open = {};
};

/// Seconds from the beginning at which requests arrive at random, so many a second in the mean for so long: the
/// same with the same seed. At least one.
std::vector<double> poisson_arrivals(double per_second, double seconds, std::uint64_t seed);

/// First come, first served: each of so many workers takes the next request, waits until it has arrived and runs
/// it. Seconds from arrival to end of each, in the order of arrivals, and when the last one ended in `end`.
std::vector<double> serve(int workers, const std::vector<double>& arrivals,
                          const std::function<void(int worker)>& run, double& end);

/// Makes the copies, each on `threads` allowed cores that no other has, runs them for `seconds`, and then for as long
/// at `arrivals` runs a second; 0: 0.7 of what they reached. Throws BadInput where there are fewer cores.
InstancesRun run_instances(const models::Chain& chain, Dtype dtype, int instances, int threads,
                           double seconds, double arrivals);

/// `inference`: what one is of, as inference_text says it.
std::string instances_text(const InstancesRun& run, const std::string& inference);
nlohmann::json instances_json(const InstancesRun& run);

}  // namespace flopmeter
