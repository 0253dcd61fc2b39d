// The measured latency of memory: each load needs the address that the load before it returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/clock.h"
#include "bench/machine/memory_pages.h"

namespace flopmeter {

/// A random permutation of 0 ... n-1 that is one cycle through all of them (Sattolo's algorithm):
/// next[i] comes after i. The same for the same seed. 1 <= n < 2^32.
std::vector<std::uint32_t> random_cycle(std::int64_t n, std::uint64_t seed);

/// Pointers, one in each cache line, that lead through all lines of a working set in a random order
/// and back to the first: no prefetcher guesses it, and a set that does not fit a cache misses it
/// nearly always, as each line is the one not used for the longest time.
class PointerChase {
 public:
  /// `bytes` is rounded down to lines, at least one. Throws std::runtime_error when there is no
  /// such address space.
  explicit PointerChase(std::int64_t bytes, std::int64_t line_bytes = 64,
                        Clock clock = steady_seconds);

  std::int64_t bytes() const { return lines_ * line_bytes_; }
  std::int64_t lines() const { return lines_; }
  std::string pages() const { return describe(page_use(pages_.data())); }

  /// Where one gets from the first line after so many loads.
  const std::byte* after(std::int64_t loads) const;

  /// Seconds of one load, the mean in about so many seconds, on from where the look before ended.
  double look(double seconds);

  /// Goes through the whole set once, so that the caches hold what they can of it.
  void warm_up();

 private:
  std::int64_t line_bytes_;
  std::int64_t lines_;
  Clock clock_;
  MemoryPages pages_;
  const std::byte* here_;
};

}  // namespace flopmeter
