// How large a set of data must be to lie in one level of the memory and in no nearer one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "results/machine.h"

namespace flopmeter {

/// What a thread goes through to measure one level.
struct WorkingSet {
  std::string level = {};   // "L1", "L2", ..., "DRAM"
  std::int64_t bytes = 0;   // of each thread; 0 when there is a reason
  std::string reason = {};  // why the level cannot be measured
};

/// One for each cache, nearest first, and one for main memory, when `threads` threads run at the
/// same time. A thread's share of a cache is its size over the threads that share it, when they
/// run.
///   L1     half of the share
///   others the mean of this share and the nearer one's, at most 8 times the nearer one's, because
///          a virtual machine sees all of a cache that it gets a part of; unavailable when that
///          is not twice the nearer one's
///   DRAM   4 times the thread's shares of all caches; down to 2 times, when that is more than 1
///   GiB
///          of all threads or than there is; unavailable when `available_bytes` (negative: unknown)
///          is less
/// A cache without level or size is left out. Without any, `last_level_bytes` is the share.
std::vector<WorkingSet> working_sets(std::span<const CacheRow> caches, int threads,
                                     std::int64_t available_bytes, std::int64_t last_level_bytes);

}  // namespace flopmeter
