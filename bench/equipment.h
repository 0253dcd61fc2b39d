// What the cases of a run share: the clock, the last truth, the peak loops, the evictor of caches.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/clock.h"
#include "bench/machine/cache.h"
#include "bench/machine/peak.h"
#include "bench/memory_roof.h"
#include "bench/truth.h"
#include "results/machine.h"

namespace flopmeter {

/// Each part is made when it is needed first.
class Equipment {
 public:
  /// From then on the process keeps what it frees. A system that gets pages back, and a hypervisor that gets
  /// them from the system, go on with that for seconds, in which runs take up to five times as long.
  explicit Equipment(Clock clock);

  const Clock& clock() const { return clock_; }
  TruthCache& truths() { return truths_; }
  CacheEvictor& evictor();
  /// The same by no more bytes than the size that the caches behave as asks for.
  CacheEvictor& quick_evictor();
  /// That size: a virtual machine may be told of caches that it does not have.
  std::int64_t cache_bytes();

  /// The loop that percent of peak refers to for this dtype. The first call for a dtype measures
  /// which one that is.
  const PeakLoop& peak(Dtype dtype);

  const std::vector<CacheRow>& caches();

  /// Of arrays that no cache of so many threads holds: the working set of main memory. Null where
  /// there is not enough memory for them.
  std::shared_ptr<const MemoryRoof> memory_roof(int threads);

  /// The least seconds that a call of that backend takes on so many threads: one element through
  /// relu. Empty where it cannot do even that.
  std::optional<double> overhead(const std::string& backend, int threads);

 private:
  Clock clock_;
  TruthCache truths_;
  std::optional<CacheEvictor> evictor_, quick_evictor_;
  std::int64_t cache_bytes_ = 0;  // not measured yet
  std::map<Dtype, PeakLoop> peaks_;
  std::optional<std::vector<CacheRow>> caches_;
  std::map<int, std::shared_ptr<const MemoryRoof>> memory_roofs_;
  std::map<std::pair<std::string, int>, std::optional<double>> overheads_;
};

}  // namespace flopmeter
