// The CPU's own count of what a piece of code did: "retired" in the ledger.
#pragma once

#include <string>
#include <vector>

#include "counters/retired/flops.h"
#include "counters/retired/group.h"
#include "counters/retired/machine.h"
#include "counters/retired/plan.h"
#include "counters/retired/value.h"

namespace flopmeter::retired {

/// Counts the calling thread, in user space, with as many events as the CPU has for FLOPs, cycles
/// and instructions. What cannot be counted is a value with a reason, never an exception. The
/// object stays on the thread that made it.
///
///   Counters counters;
///   counters.start();
///   f();
///   counters.stop();
///   const Value value = flops(counters.read());
class Counters {
 public:
  explicit Counters(PerfEvents& events = kernel_perf_events(),
                    const Machine& machine = this_machine());

  /// Counts everything at once. Where the CPU has too few counters, the kernel takes turns among
  /// groups of events, and what was not counted all the time is scaled. Neither allocates.
  void start();
  void stop();

  /// What was counted between the last start and stop, the same events in the same order every
  /// time.
  Readings read() const;

  /// Calls f once for each group of events with the CPU's counters to itself, so that nothing is
  /// scaled: for code that does the same every time.
  template <class F>
  Readings measure(F&& f) {
    for (Group& group : groups_) {
      group.start();
      f();
      group.stop();
    }
    return read();
  }

  /// "retired: 10 events in 2 groups" or "retired: unavailable: <reason>": one line.
  std::string status() const;

 private:
  void open(PerfEvents& events, const Machine& machine, std::size_t largest_group);
  int open_event(PerfEvents& events, std::size_t index, std::size_t largest_group);
  bool each_group_ran() const;
  void distrust_flops(std::int64_t counted);

  std::vector<PlannedEvent> plan_;
  std::vector<std::string> reasons_;  // beside plan_: why an event is not counted, or empty
  std::vector<Group> groups_;
};

/// Those of the calling thread, opened when it first asks; any number of threads may.
Counters& counters_of_this_thread();

}  // namespace flopmeter::retired
