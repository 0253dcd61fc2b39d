// The CPU's own events that count floating-point work: what each is called and what a count is
// worth.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace flopmeter::retired {

/// An event that the CPU counts when an instruction retires.
struct Event {
  std::string_view name;    // in every output
  std::string_view libpfm;  // of libpfm4, without the PMU
  std::int64_t operations;  // FLOPs that one count stands for by the event's rule; 0: not FLOPs
  std::string_view type;    // f64, f32, f16, bf16; any: the CPU does not tell them apart
};

/// What one kind of core counts. `pmu` is its name in libpfm4.
struct Core {
  std::string_view pmu;
  std::span<const Event> events;
  std::string_view rule;  // which operations count, in words
};

/// CPUs that libpfm4 4.13 does not know and that count like a core that it knows. `device` is the
/// PMU of the kernel, under /sys/bus/event_source/devices; hybrid CPUs have two.
struct NewerCpu {
  std::string_view vendor;  // as /proc/cpuinfo has it
  int family;
  std::span<const int> models;  // empty: the whole family
  std::string_view device;
  std::string_view pmu;
};

/// Cycles and instructions, which every PMU counts (PERF_TYPE_HARDWARE).
std::span<const Event> generic_events();

std::span<const Core> cores();
std::span<const NewerCpu> newer_cpus();

/// The core of that PMU; nullptr where none of its events counts retired FLOPs.
const Core* find_core(std::string_view pmu);

}  // namespace flopmeter::retired
