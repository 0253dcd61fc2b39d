// From what the kernel hands out to a value: the arithmetic of groups and multiplexing, no system
// calls.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "counters/retired/value.h"

namespace flopmeter::retired {

/// What read(2) yields for the leader of a group with PERF_FORMAT_GROUP, TOTAL_TIME_ENABLED and
/// TOTAL_TIME_RUNNING. Times in nanoseconds; all members count in the same ones.
struct GroupReading {
  std::uint64_t enabled = 0;
  std::uint64_t running = 0;
  std::vector<std::uint64_t> counts;
};

/// How many 64-bit words such a reading has.
constexpr std::size_t words_of_group(std::size_t members) { return 3 + members; }

/// The words {members, enabled, running, counts...}; nothing when they are not that of `members`.
std::optional<GroupReading> parse_group(std::span<const std::uint64_t> words, std::size_t members);

/// What was added between two readings of one group; nothing when a counter went backwards.
std::optional<GroupReading> difference(const GroupReading& after, const GroupReading& before);

/// raw * enabled / running, rounded to the nearest integer. Throws CountOverflow beyond 2^63 - 1.
std::int64_t scale(std::uint64_t raw, std::uint64_t enabled, std::uint64_t running);

/// The value of one member. An event of one kind of core of a hybrid CPU is never scaled: the time
/// in which it did not run was spent on the other kind, which has counters of its own.
Value value_of(const PlannedEvent& event, std::uint64_t raw, std::uint64_t enabled,
               std::uint64_t running);

}  // namespace flopmeter::retired
