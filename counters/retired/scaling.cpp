#include "counters/retired/scaling.h"

#include <fmt/format.h>

#include <limits>

#include "counters/op_counts.h"

namespace flopmeter::retired {

std::optional<GroupReading> parse_group(std::span<const std::uint64_t> words, std::size_t members) {
  if (words.size() != words_of_group(members) || words[0] != members) {
    return std::nullopt;
  }
  const auto counts = words.subspan(3);
  return GroupReading{words[1], words[2], {counts.begin(), counts.end()}};
}

std::optional<GroupReading> difference(const GroupReading& after, const GroupReading& before) {
  if (after.counts.size() != before.counts.size() || after.enabled < before.enabled ||
      after.running < before.running) {
    return std::nullopt;
  }
  GroupReading added{after.enabled - before.enabled, after.running - before.running, after.counts};
  for (std::size_t i = 0; i < added.counts.size(); ++i) {
    if (after.counts[i] < before.counts[i]) {
      return std::nullopt;
    }
    added.counts[i] -= before.counts[i];
  }
  return added;
}

std::int64_t scale(std::uint64_t raw, std::uint64_t enabled, std::uint64_t running) {
  __extension__ using Wide = unsigned __int128;  // raw * enabled takes up to 128 bits
  const Wide quotient = (Wide{raw} * enabled + running / 2) / running;
  if (quotient > static_cast<Wide>(std::numeric_limits<std::int64_t>::max())) {
    throw CountOverflow(
        fmt::format("count overflow: {} x {} / {} exceeds 2^63 - 1", raw, enabled, running));
  }
  return static_cast<std::int64_t>(quotient);
}

Value value_of(const PlannedEvent& event, std::uint64_t raw, std::uint64_t enabled,
               std::uint64_t running) {
  if (running == 0) {
    return unavailable(event.name, event.hybrid
                                       ? fmt::format("the thread did not run on {}", event.device)
                                       : "never scheduled: the counters were taken all the time");
  }
  if (running >= enabled) {
    return {.name = event.name, .count = scale(raw, 1, 1), .reason = {}};
  }
  const double share = static_cast<double>(running) / static_cast<double>(enabled);
  if (event.hybrid) {
    return unavailable(event.name,
                       fmt::format("counted {:.1f} % of the time on {}: pin the thread to one core",
                                   100 * share, event.device));
  }
  return {.name = event.name,
          .count = scale(raw, enabled, running),
          .validity = Validity::scaled,
          .running = share,
          .reason = fmt::format("counted {:.1f} % of the time and scaled", 100 * share)};
}

}  // namespace flopmeter::retired
