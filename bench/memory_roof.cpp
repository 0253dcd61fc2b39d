#include "bench/memory_roof.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "bench/machine/topology.h"
#include "bench/machine/working_set.h"

namespace flopmeter {
namespace {

constexpr double first_look = 5e-4;
constexpr int looks = 4;  // of a burst: the best of them is disturbed least
constexpr std::int64_t least_bytes = 4096;
constexpr std::int64_t most_places = 8;
constexpr std::int64_t bytes_of_places = std::int64_t{64} << 20U;

using RatedLoop = std::pair<double, MemoryLoop>;  // bytes a second

RatedLoop rated(MemoryLoop loop) {
  const double rate = loop.burst(first_look);
  return {rate, std::move(loop)};
}

/// All arrays are there before the first is given back, so that no two are in one place.
MemoryLoop fastest(std::int64_t bytes, int threads, const Clock& clock) {
  const std::int64_t each = std::max(bytes / threads / 8 * 7, least_bytes);
  const std::int64_t places = std::clamp<std::int64_t>(bytes_of_places / bytes, 1, most_places);
  std::vector<RatedLoop> loops;
  for (std::int64_t place = 0; place < places; ++place) {
    const auto arrays = std::make_shared<const MemoryArrays>(each, threads);
    for (const MemoryOperation operation :
         {MemoryOperation::load, MemoryOperation::copy, MemoryOperation::triad}) {
      loops.push_back(rated(MemoryLoop(operation, arrays, clock)));
    }
  }
  return std::move(std::ranges::max_element(loops, {}, &RatedLoop::first)->second);
}

}  // namespace

std::string memory_level(std::span<const CacheRow> caches, std::int64_t bytes, int threads) {
  for (const CacheRow& cache : caches) {
    const std::int64_t sharing = std::min<std::int64_t>(threads, cache.shared_by.value_or(1));
    if (cache.bytes && bytes / threads * sharing <= *cache.bytes) {
      return fmt::format("L{}", cache.level.value_or(0));
    }
  }
  return "DRAM";
}

bool reached_by_others(std::span<const CacheRow> caches, std::string_view level, int threads) {
  const CacheRow* const cache = cache_of_level(caches, level);
  return cache == nullptr || !cache->shared_by ||
         *cache->shared_by > threads * caches.front().shared_by.value_or(1);
}

std::int64_t cold_bytes(std::span<const CacheRow> caches, int threads, std::int64_t available_bytes,
                        std::int64_t last_level_bytes) {
  const WorkingSet memory = working_sets(caches, threads, available_bytes, last_level_bytes).back();
  return memory.bytes * threads;
}

MemoryRoof::MemoryRoof(std::int64_t bytes, int threads, const Clock& clock)
    : loop_(fastest(bytes, threads, clock)) {}

double MemoryRoof::burst(double seconds) const {
  double best = 0;
  for (int look = 0; look < looks; ++look) {
    best = std::max(best, loop_.burst(seconds / (2 * looks)));
  }
  return best;
}

}  // namespace flopmeter
