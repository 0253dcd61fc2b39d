#include "bench/memory_roof.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace flopmeter {
namespace {

constexpr double first_look = 5e-4;
constexpr std::int64_t least_bytes = 4096;

MemoryLoop faster(std::int64_t bytes, int threads, const Clock& clock) {
  const auto arrays =
      std::make_shared<const MemoryArrays>(std::max(bytes / threads, least_bytes), threads);
  MemoryLoop load(MemoryOperation::load, arrays, clock);
  MemoryLoop triad(MemoryOperation::triad, arrays, clock);
  return load.burst(first_look) >= triad.burst(first_look) ? std::move(load) : std::move(triad);
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

MemoryRoof::MemoryRoof(std::int64_t bytes, int threads, const Clock& clock)
    : loop_(faster(bytes, threads, clock)) {}

double MemoryRoof::burst(double seconds) const { return loop_.burst(seconds / 2); }

}  // namespace flopmeter
