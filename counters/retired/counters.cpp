#include "counters/retired/counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "counters/retired/absence.h"

namespace flopmeter::retired {
namespace {

constexpr int witnessed_additions = 64;

void add_up() {
  volatile double sum = 0;
  for (int i = 0; i < witnessed_additions; ++i) {
    sum = sum + 1.0;
  }
}

std::size_t largest(const std::vector<Group>& groups) {
  std::size_t members = 1;
  for (const Group& group : groups) {
    members = std::max(members, group.members().size());
  }
  return members;
}

}  // namespace

Counters::Counters(PerfEvents& events, const Machine& machine)
    : plan_(plan_events(machine)), reasons_(plan_.size()) {
  const std::string reason = absence(events, machine.root);
  if (!reason.empty()) {
    std::ranges::fill(reasons_, reason);
    return;
  }
  // The kernel takes a group that fits onto the CPU's counters even where another user, such as the
  // NMI watchdog, holds one of them for good; then the group never runs.
  std::size_t largest_group = plan_.size();
  Value counted;
  do {
    open(events, machine, largest_group);
    counted = flops(measure(add_up));
    largest_group = largest(groups_) - 1;
  } while (largest_group > 0 && !each_group_ran());
  if (counted.validity == Validity::exact && counted.count < witnessed_additions) {
    distrust_flops(counted.count);
  }
}

void Counters::open(PerfEvents& events, const Machine& machine, std::size_t largest_group) {
  groups_.clear();
  for (std::size_t index = 0; index < plan_.size(); ++index) {
    reasons_[index] = plan_[index].encoding.reason;
    if (!reasons_[index].empty()) {
      continue;
    }
    if (const int result = open_event(events, index, largest_group); result < 0) {
      reasons_[index] = open_failure(-result, machine.root);
    }
  }
}

/// Into the last group, or where the kernel does not take it there, into one of its own.
int Counters::open_event(PerfEvents& events, std::size_t index, std::size_t largest_group) {
  const Encoding& encoding = plan_[index].encoding;
  if (!groups_.empty() && groups_.back().members().size() < largest_group &&
      groups_.back().add(encoding, index) == 0) {
    return 0;
  }
  Group next(events);
  const int result = next.add(encoding, index);
  if (result == 0) {
    groups_.push_back(std::move(next));
  }
  return result;
}

/// A group of a kind of core that the thread was not on is not expected to.
bool Counters::each_group_ran() const {
  return std::ranges::all_of(groups_, [this](const Group& group) {
    const std::optional<GroupReading> counted = group.counted();
    return plan_[group.members()[0]].hybrid || !counted || counted->running > 0;
  });
}

/// A hypervisor may take an event and never count it: that is no count of 0.
void Counters::distrust_flops(std::int64_t counted) {
  for (std::size_t index = 0; index < plan_.size(); ++index) {
    if (plan_[index].event.operations != 0 && reasons_[index].empty()) {
      reasons_[index] =
          fmt::format("counts {} of {} additions: the hypervisor or kernel keeps the event back",
                      counted, witnessed_additions);
    }
  }
}

// The first group, which has the instructions, starts last and stops first: the fewest of ours.
void Counters::start() {
  std::for_each(groups_.rbegin(), groups_.rend(), [](Group& group) { group.start(); });
}

void Counters::stop() {
  for (Group& group : groups_) {
    group.stop();
  }
}

Readings Counters::read() const {
  Readings readings;
  for (std::size_t index = 0; index < plan_.size(); ++index) {
    readings.push_back({plan_[index], unavailable(plan_[index].name, reasons_[index])});
  }
  for (const Group& group : groups_) {
    const std::optional<GroupReading> counted = group.counted();
    for (std::size_t member = 0; member < group.members().size(); ++member) {
      Reading& reading = readings[group.members()[member]];
      if (!reading.value.reason.empty()) {
        continue;
      }
      reading.value =
          counted ? value_of(reading.planned, counted->counts[member], counted->enabled,
                             counted->running)
                  : unavailable(reading.planned.name, "the kernel did not hand out the count");
    }
  }
  return readings;
}

std::string Counters::status() const {
  const auto opened = std::ranges::count(reasons_, "");
  if (opened == 0) {
    return fmt::format("retired: unavailable: {}", reasons_.front());
  }
  const auto missing = std::ranges::find_if(reasons_, [](const auto& r) { return !r.empty(); });
  return fmt::format("retired: {} of {} events in {} group{}{}", opened, plan_.size(),
                     groups_.size(), groups_.size() == 1 ? "" : "s",
                     missing == reasons_.end() ? "" : fmt::format("; {}", *missing));
}

Counters& counters_of_this_thread() {
  static std::mutex libpfm;  // which does not promise to serve several threads at a time
  thread_local Counters counters = [] {
    const std::lock_guard lock(libpfm);
    return Counters();
  }();
  return counters;
}

}  // namespace flopmeter::retired
