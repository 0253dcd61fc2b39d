// Which events to open on a machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "counters/retired/encoding.h"
#include "counters/retired/event.h"
#include "counters/retired/machine.h"

namespace flopmeter::retired {

/// An event of one PMU of the kernel. `hybrid`: the CPU has more than one kind of core, and the
/// event counts on those of `device` only; its name then begins with the device.
struct PlannedEvent {
  Event event;
  std::string name;
  std::string device;
  bool hybrid = false;
  std::string_view rule;  // which operations count; empty where the event does not count FLOPs
  Encoding encoding;
};

/// Cycles, instructions and all events that count FLOPs, those of each kind of core. Where the CPU
/// has none of the last, one event "flops" stands for them, with the reason.
std::vector<PlannedEvent> plan_events(const Machine& machine);

}  // namespace flopmeter::retired
