// What the cases of a run share: the clock, the last truth, the peak loops, the evictor of caches.
#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "bench/clock.h"
#include "bench/machine/cache.h"
#include "bench/machine/peak.h"
#include "bench/truth.h"

namespace flopmeter {

/// Each part is made when it is needed first.
class Equipment {
 public:
  explicit Equipment(Clock clock) : clock_(std::move(clock)) {}

  const Clock& clock() const { return clock_; }
  TruthCache& truths() { return truths_; }
  CacheEvictor& evictor();

  /// The loop that percent of peak refers to for this dtype.
  const PeakLoop& peak(Dtype dtype);

 private:
  Clock clock_;
  TruthCache truths_;
  std::optional<CacheEvictor> evictor_;
  std::map<std::string_view, PeakLoop> peaks_;
};

}  // namespace flopmeter
