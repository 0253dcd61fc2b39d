#include "bench/machine/memory_loop.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "bench/machine/team.h"

namespace flopmeter {
namespace {

// Between two looks at the clock: 25 microseconds of the fastest cache, of which the look takes
// 0.1 %, and half a millisecond of main memory.
constexpr std::int64_t look_bytes = std::int64_t{8} << 20U;

// Larger sets stay in no cache that one core fills within a burst.
constexpr std::int64_t passed_whole = std::int64_t{128} << 20U;

std::int64_t round_down(std::int64_t value, std::int64_t multiple) {
  return std::max(value / multiple, std::int64_t{1}) * multiple;
}

/// No smaller than one turn of any loop, so that every operation can go through it.
std::int64_t at_least_a_block(MemoryOperation operation, const MemoryCode& code,
                              std::int64_t bytes) {
  return std::max(bytes, streams(operation) * code.block_bytes());
}

}  // namespace

MemoryArrays::MemoryArrays(std::int64_t bytes, int threads) : bytes_(bytes) {
  for (int thread = 0; thread < threads; ++thread) {
    pages_.emplace_back(bytes);
  }
  // Ones: arithmetic on them is never slow, and pages that were only read share one page of zeros.
  sum_over_team(threads, [&](int thread) {
    auto* const values = reinterpret_cast<float*>(of(thread));
    std::fill_n(values, static_cast<std::size_t>(bytes) / sizeof(float), 1.0F);
    return 0;
  });
}

std::string MemoryArrays::pages() const {
  PageUse sum;
  for (const MemoryPages& pages : pages_) {
    const std::optional<PageUse> use = page_use(pages.data());
    if (!use) {
      return describe(use);
    }
    sum.resident += use->resident;
    sum.huge += use->huge;
  }
  return describe(sum);
}

MemoryLoop::MemoryLoop(MemoryOperation operation, std::int64_t bytes, int threads, Clock clock)
    : MemoryLoop(operation,
                 std::make_shared<MemoryArrays>(
                     at_least_a_block(operation, MemoryCode(operation), bytes), threads),
                 std::move(clock)) {}

MemoryLoop::MemoryLoop(MemoryOperation operation, std::shared_ptr<const MemoryArrays> arrays,
                       Clock clock)
    : operation_(operation),
      clock_(std::move(clock)),
      code_(operation),
      arrays_(std::move(arrays)),
      array_bytes_(round_down(arrays_->bytes() / streams(operation), block_bytes())),
      blocks_a_look_(look_bytes / (streams(operation) * block_bytes())),
      offsets_(static_cast<std::size_t>(arrays_->threads())) {
  assert(bytes() <= arrays_->bytes());
}

void MemoryLoop::look(int thread) const {
  std::int64_t& offset = offsets_[static_cast<std::size_t>(thread)];
  code_.run(arrays_->of(thread), array_bytes_, offset, blocks_a_look_);
  offset = (offset + blocks_a_look_ * block_bytes()) % array_bytes_;
}

double MemoryLoop::burst_of_one(int thread, double seconds) const {
  const std::int64_t pass = bytes() <= passed_whole ? bytes() : bytes_a_look();
  for (std::int64_t warmed = 0; warmed < pass; warmed += bytes_a_look()) {
    look(thread);
  }
  const double begin = clock_();
  double elapsed = 0;
  std::int64_t moved = 0;
  while (elapsed < seconds || moved < pass) {
    look(thread);
    moved += bytes_a_look();
    elapsed = clock_() - begin;
  }
  return static_cast<double>(moved) / elapsed;
}

double MemoryLoop::burst(double seconds) const {
  return sum_over_team(arrays_->threads(),
                       [&](int thread) { return burst_of_one(thread, seconds); });
}

}  // namespace flopmeter
