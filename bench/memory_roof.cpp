#include "bench/memory_roof.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace flopmeter {
namespace {

constexpr double first_look = 5e-4;
constexpr int looks = 4;  // of a burst: the best of them is disturbed least
constexpr std::int64_t least_bytes = 4096;

MemoryLoop faster(std::int64_t bytes, int threads, const Clock& clock) {
  const std::int64_t each = std::max(bytes / threads / 8 * 7, least_bytes);
  const auto arrays = std::make_shared<const MemoryArrays>(each, threads);
  std::vector<std::pair<double, MemoryLoop>> loops;
  for (const MemoryOperation operation :
       {MemoryOperation::load, MemoryOperation::copy, MemoryOperation::triad}) {
    MemoryLoop loop(operation, arrays, clock);
    const double rate = loop.burst(first_look);
    loops.emplace_back(rate, std::move(loop));
  }
  return std::move(
      std::ranges::max_element(loops, {}, &std::pair<double, MemoryLoop>::first)->second);
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

double MemoryRoof::burst(double seconds) const {
  double best = 0;
  for (int look = 0; look < looks; ++look) {
    best = std::max(best, loop_.burst(seconds / (2 * looks)));
  }
  return best;
}

}  // namespace flopmeter
