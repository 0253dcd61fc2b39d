// Events that the kernel counts together, in the same time slices.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "counters/retired/perf_events.h"
#include "counters/retired/scaling.h"

namespace flopmeter::retired {

/// A group of events of the calling thread, in user space only. Opened events are closed with it.
class Group {
 public:
  explicit Group(PerfEvents& events) : events_(&events) {}
  Group(Group&& other) noexcept;
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  Group& operator=(Group&&) = delete;
  ~Group();

  /// Opens an event as the next member; `index` is its place in the plan. Returns 0, or a negative
  /// errno: EINVAL also where the members do not fit onto the CPU's counters together.
  int add(const Encoding& encoding, std::size_t index);

  /// Neither allocates. An error shows in counted().
  void start();
  void stop();

  /// The members' places in the plan.
  const std::vector<std::size_t>& members() const { return members_; }

  /// What the members counted between the last start and stop; nothing where the kernel failed to
  /// say.
  std::optional<GroupReading> counted() const;

 private:
  /// What the kernel said, or that it failed.
  struct Words {
    std::vector<std::uint64_t> words;
    int read = 0;
  };
  void read_into(Words& words);
  std::optional<GroupReading> parse(const Words& words) const;

  PerfEvents* events_;
  std::vector<int> descriptors_;  // the leader first
  std::vector<std::size_t> members_;
  Words before_;
  Words after_;
};

}  // namespace flopmeter::retired
