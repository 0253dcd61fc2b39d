// The bandwidth that a case's operands can have at most, measured with loops over as many bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bench/clock.h"
#include "bench/machine/memory_loop.h"
#include "results/machine.h"

namespace flopmeter {

/// Of the caches of one core the nearest that holds its share of so many bytes: "L1", "L2", "L3",
/// or "DRAM" when none does. What several threads share a cache for counts together.
std::string memory_level(std::span<const CacheRow> caches, std::int64_t bytes, int threads);

/// Whether other cores than those of so many threads reach that level, as memory_level() names it:
/// DRAM, a cache of which nobody knows, and one that more cores share. What shares the nearest
/// cache are hyper-threads of one core.
bool reached_by_others(std::span<const CacheRow> caches, std::string_view level, int threads);

/// Bytes that all threads together go through to find the bandwidth of main memory: the working set
/// of each, as `machine` chooses it by what the caches of all of them hold. 0 where there is not
/// enough memory for that.
std::int64_t cold_bytes(std::span<const CacheRow> caches, int threads, std::int64_t available_bytes,
                        std::int64_t last_level_bytes);

/// Loads, copies or triads: whichever is fastest over arrays of seven eighths of that size. The
/// size decides and not the level's name, since a set a bit larger than a cache finds a part of
/// itself there; an eighth less, since a kernel may find a bit more of it than a loop from end to
/// end does. Where arrays lie in physical memory decides which sets of a cache they share, by which
/// loops of one size differ by half at its edge; so several places are tried, and the fastest is
/// kept: a roof is what can be had.
class MemoryRoof {
 public:
  /// Arrays of `bytes` in all threads together.
  MemoryRoof(std::int64_t bytes, int threads, const Clock& clock);

  /// Bytes a second of all threads, for about half as long as a peak burst of `seconds`.
  double burst(double seconds) const;

 private:
  MemoryLoop loop_;
};

}  // namespace flopmeter
