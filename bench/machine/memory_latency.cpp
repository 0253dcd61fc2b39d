#include "bench/machine/memory_latency.h"

#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <random>
#include <utility>

namespace flopmeter {
namespace {

// Between two looks at the clock: 5 microseconds in the first level, under a millisecond in memory.
constexpr std::int64_t loads_a_look = 4096;
constexpr std::int64_t unrolled_loads = 16;

const std::byte* load_pointer(const std::byte* from) {
  return *reinterpret_cast<const std::byte* const*>(from);
}

const std::byte* chase_pointers(const std::byte* from, std::int64_t loads) {
  std::int64_t left = loads;
  for (; left >= unrolled_loads; left -= unrolled_loads) {
    for (std::int64_t i = 0; i < unrolled_loads; ++i) {
      from = load_pointer(from);
    }
  }
  for (; left > 0; --left) {
    from = load_pointer(from);
  }
  return from;
}

/// Fills a line with the pointer. Past the caches: of a set that no cache holds, the end would
/// still be in one.
void write_past_caches(std::byte* line, std::int64_t bytes, const std::byte* pointer) {
  const auto value = std::bit_cast<long long>(pointer);
  for (std::int64_t i = 0; i < bytes; i += std::int64_t{sizeof(value)}) {
    _mm_stream_si64(reinterpret_cast<long long*>(line + i), value);
  }
}

}  // namespace

std::vector<std::uint32_t> random_cycle(std::int64_t n, std::uint64_t seed) {
  std::vector<std::uint32_t> next(static_cast<std::size_t>(n));
  std::iota(next.begin(), next.end(), 0U);
  std::mt19937_64 generator(seed);
  for (std::size_t i = next.size() - 1; i > 0; --i) {
    // The remainder favours small numbers by less than 2^-32.
    std::swap(next[i], next[generator() % i]);
  }
  return next;
}

PointerChase::PointerChase(std::int64_t bytes, std::int64_t line_bytes, Clock clock)
    : line_bytes_(line_bytes),
      lines_(std::max(bytes / line_bytes, std::int64_t{1})),
      clock_(std::move(clock)),
      pages_(lines_ * line_bytes_),
      here_(pages_.data()) {
  std::byte* line = pages_.data();
  for (const std::uint32_t target : random_cycle(lines_, 1)) {
    write_past_caches(line, line_bytes_, pages_.data() + target * line_bytes_);
    line += line_bytes_;
  }
  _mm_sfence();
}

const std::byte* PointerChase::after(std::int64_t loads) const {
  return chase_pointers(pages_.data(), loads);
}

double PointerChase::look(double seconds) {
  const double begin = clock_();
  double elapsed = 0;
  std::int64_t loads = 0;
  while (elapsed < seconds || loads == 0) {
    here_ = chase_pointers(here_, loads_a_look);
    asm volatile("" : : "r"(here_));  // the loads are done before the clock is looked at
    loads += loads_a_look;
    elapsed = clock_() - begin;
  }
  return elapsed / static_cast<double>(loads);
}

void PointerChase::warm_up() { here_ = chase_pointers(here_, lines_); }

}  // namespace flopmeter
