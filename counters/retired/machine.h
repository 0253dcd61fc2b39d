// What decides which events a machine has: its CPU and the PMUs of its kernel.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flopmeter::retired {

/// As /proc/cpuinfo has them; family and model are -1 where it says nothing.
struct CpuId {
  std::string vendor;
  int family = -1;
  int model = -1;
};

/// `pmus` are those that libpfm4 finds; `root` is where /proc and /sys are.
struct Machine {
  CpuId cpu;
  std::vector<std::string> pmus;
  std::filesystem::path root = "/";
};

/// The machine this runs on.
Machine this_machine();

CpuId read_cpu_id(const std::filesystem::path& root);

/// The number in the first line of a file; nothing when there is none.
std::optional<std::int64_t> read_number(const std::filesystem::path& file);

/// Whether the kernel has a PMU of the CPU: cpu, or cpu_core and cpu_atom of a hybrid one.
bool has_cpu_pmu(const std::filesystem::path& root);

/// perf_event_attr::type of a PMU of the kernel; nothing when it has no such PMU.
std::optional<std::uint32_t> device_type(const std::filesystem::path& root,
                                         std::string_view device);

}  // namespace flopmeter::retired
