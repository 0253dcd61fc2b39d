#include "counters/retired/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace flopmeter::retired {
namespace {

/// A PMU of the kernel and what its cores count; `core` is null where that is no FLOPs. `type` is
/// that of a hybrid CPU's PMU, which an event must name: in its type, or where it is generic in the
/// upper half of its config. 0 elsewhere.
struct Device {
  std::string name;
  std::uint32_t type = 0;
  const Core* core = nullptr;
};

bool covers(const NewerCpu& newer, const CpuId& cpu) {
  return newer.vendor == cpu.vendor && newer.family == cpu.family &&
         (newer.models.empty() || std::ranges::count(newer.models, cpu.model) > 0);
}

/// The newer table comes first: libpfm4 may take a new model for an older one.
const Core* core_of(const Machine& machine, std::string_view device) {
  for (const NewerCpu& newer : newer_cpus()) {
    if (newer.device == device && covers(newer, machine.cpu)) {
      return find_core(newer.pmu);
    }
  }
  for (const std::string& pmu : machine.pmus) {
    if (const Core* core = find_core(pmu); core != nullptr && device == "cpu") {
      return core;
    }
  }
  return nullptr;
}

std::vector<Device> find_devices(const Machine& machine) {
  std::vector<Device> devices;
  for (const char* name : {"cpu_core", "cpu_atom"}) {
    if (const auto type = device_type(machine.root, name)) {
      devices.push_back({name, *type, core_of(machine, name)});
    }
  }
  if (devices.empty()) {
    devices.push_back({"cpu", 0, core_of(machine, "cpu")});
  }
  return devices;
}

PlannedEvent plan_event(const Event& event, const Device& device) {
  const bool hybrid = device.type != 0;
  return {.event = event,
          .name = hybrid ? fmt::format("{}/{}", device.name, event.name) : std::string(event.name),
          .device = device.name,
          .hybrid = hybrid,
          .rule = {},
          .encoding = {}};
}

PlannedEvent plan_generic(const Event& event, const Device& device) {
  PlannedEvent planned = plan_event(event, device);
  planned.encoding = encode("perf", event.libpfm);
  planned.encoding.config |= std::uint64_t{device.type} << 32;  // PERF_PMU_TYPE_SHIFT
  return planned;
}

PlannedEvent plan_flops(const Event& event, const Device& device) {
  PlannedEvent planned = plan_event(event, device);
  planned.rule = device.core->rule;
  planned.encoding = encode(device.core->pmu, event.libpfm);
  planned.encoding.type = planned.hybrid ? device.type : planned.encoding.type;
  return planned;
}

PlannedEvent plan_without_flops(const CpuId& cpu, const Device& device) {
  PlannedEvent planned = plan_event({"flops", "", 1, "any"}, device);
  planned.encoding.reason = fmt::format(
      "no event of {} family {} model {} is known to count retired FLOPs ({})",
      cpu.vendor.empty() ? "this CPU," : cpu.vendor, cpu.family, cpu.model, device.name);
  return planned;
}

}  // namespace

std::vector<PlannedEvent> plan_events(const Machine& machine) {
  std::vector<PlannedEvent> plan;
  for (const Device& device : find_devices(machine)) {
    for (const Event& event : generic_events()) {
      plan.push_back(plan_generic(event, device));
    }
    if (device.core == nullptr) {
      plan.push_back(plan_without_flops(machine.cpu, device));
      continue;
    }
    for (const Event& event : device.core->events) {
      plan.push_back(plan_flops(event, device));
    }
  }
  return plan;
}

}  // namespace flopmeter::retired
