#include "bench/machine/working_set.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/memory.h"

namespace flopmeter {
namespace {

constexpr std::int64_t mebibyte = std::int64_t{1} << 20U;
constexpr std::int64_t enough_for_memory = 1024 * mebibyte;
constexpr std::int64_t at_most_times_nearer = 8;

/// What each of the threads that share the cache can have of it.
std::int64_t share_of(const CacheRow& cache, int threads) {
  return *cache.bytes /
         std::clamp(cache.shared_by.value_or(1), std::int64_t{1}, std::int64_t{threads});
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

/// `cached`: what the caches hold of a thread's data.
WorkingSet beyond(std::int64_t cached, int threads, std::int64_t available) {
  const auto lack = [&](std::int64_t bytes) { return lack_of_memory(threads * bytes, available); };
  WorkingSet set{.level = "DRAM", .bytes = 4 * cached};
  if (threads * set.bytes > enough_for_memory) {
    set.bytes = std::max(2 * cached, enough_for_memory / threads);
  }
  if (!lack(set.bytes).empty()) {
    set.bytes = 2 * cached;
  }
  set.reason = lack(set.bytes);
  if (!set.reason.empty()) {
    set = {.level = "DRAM", .reason = "twice what the caches hold " + set.reason};
  }
  return set;
}

}  // namespace

std::vector<WorkingSet> working_sets(std::span<const CacheRow> caches, int threads,
                                     std::int64_t available_bytes, std::int64_t last_level_bytes) {
  std::vector<WorkingSet> sets;
  std::int64_t nearer = 0;
  std::int64_t cached = 0;
  for (const CacheRow& cache : caches) {
    if (cache.level && cache.bytes) {
      sets.push_back(within(cache, nearer, threads));
      nearer = share_of(cache, threads);
      cached += nearer;
    }
  }
  sets.push_back(beyond(cached > 0 ? cached : last_level_bytes, threads, available_bytes));
  return sets;
}

}  // namespace flopmeter
