#include "bench/machine/working_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/memory.h"

namespace flopmeter {
namespace {

constexpr std::int64_t mebibyte = std::int64_t{1} << 20U;
constexpr std::int64_t enough_for_memory = 1024 * mebibyte;
constexpr std::int64_t at_most_times_nearer = 8;

/// Threads of `threads` that share the cache.
std::int64_t sharing(const CacheRow& cache, int threads) {
  return std::clamp(cache.shared_by.value_or(1), std::int64_t{1}, std::int64_t{threads});
}

std::int64_t share_of(const CacheRow& cache, int threads) {
  return *cache.bytes / sharing(cache, threads);
}

std::string mebibytes(std::int64_t bytes) {
  return fmt::format("{:.3g} MiB", static_cast<double>(bytes) / static_cast<double>(mebibyte));
}

WorkingSet within(const CacheRow& cache, std::int64_t nearer, int threads) {
  WorkingSet set{.level = fmt::format("L{}", *cache.level)};
  const std::int64_t share = share_of(cache, threads);
  if (nearer == 0) {
    set.bytes = share / 2;
    return set;
  }
  const std::int64_t bytes = std::min((nearer + share) / 2, at_most_times_nearer * nearer);
  if (bytes < 2 * nearer) {
    set.reason =
        fmt::format("a core's share of it, {}, is not well above its {} of the cache before",
                    mebibytes(share), mebibytes(nearer));
    return set;
  }
  set.bytes = bytes;
  return set;
}

WorkingSet beyond(std::int64_t last_level, std::int64_t sharing_it, int threads,
                  std::int64_t available) {
  WorkingSet set{.level = "DRAM"};
  const auto of_each = [&](std::int64_t times) { return times * last_level / sharing_it; };
  const auto fits = [&](std::int64_t bytes) {
    return lack_of_memory(threads * bytes, available).empty();
  };
  set.bytes = of_each(4);
  if (threads * set.bytes > enough_for_memory || !fits(set.bytes)) {
    set.bytes = std::max(of_each(2), std::min(set.bytes, enough_for_memory / threads));
    set.bytes = fits(set.bytes) ? set.bytes : of_each(2);
  }
  if (!fits(set.bytes)) {
    set.reason = "twice the last cache " + lack_of_memory(threads * set.bytes, available);
    set.bytes = 0;
  }
  return set;
}

}  // namespace

std::vector<WorkingSet> working_sets(std::span<const CacheRow> caches, int threads,
                                     std::int64_t available_bytes, std::int64_t last_level_bytes) {
  std::vector<WorkingSet> sets;
  std::int64_t nearer = 0;
  std::int64_t last = last_level_bytes;
  std::int64_t sharing_last = 1;
  for (const CacheRow& cache : caches) {
    if (cache.level && cache.bytes) {
      sets.push_back(within(cache, nearer, threads));
      nearer = share_of(cache, threads);
      last = *cache.bytes;
      sharing_last = sharing(cache, threads);
    }
  }
  sets.push_back(beyond(last, sharing_last, threads, available_bytes));
  return sets;
}

}  // namespace flopmeter
