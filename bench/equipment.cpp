#include "bench/equipment.h"

namespace flopmeter {

CacheEvictor& Equipment::evictor() {
  if (!evictor_) {
    evictor_.emplace(last_level_cache_bytes());
  }
  return *evictor_;
}

const PeakLoop& Equipment::peak(Dtype dtype) {
  const PeakSpec& spec = peak_spec(dtype);
  return peaks_.try_emplace(spec.name, spec, clock_).first->second;
}

}  // namespace flopmeter
