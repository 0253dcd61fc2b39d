// What the cores of the machine did: for whom they worked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace flopmeter {

/// Time of all cores of the machine since it started, in the kernel's ticks.
struct CoreTime {
  std::int64_t busy = 0;    // ran a process, or the kernel
  std::int64_t stolen = 0;  // ready to run, but the hypervisor ran something else
  std::int64_t all = 0;     // idle time too
};

/// From /proc/stat below `root`; empty where it is not shown.
std::optional<CoreTime> core_time(const std::filesystem::path& root = "/");

/// Stolen time between two moments, in percent of all time. Empty when one is not known, or less
/// than a tick lies between them.
std::optional<double> steal_percent(const std::optional<CoreTime>& from,
                                    const std::optional<CoreTime>& to);

/// Seconds since some moment: of the clock, and of the cores that worked.
struct CoreUse {
  double wall = 0;
  double busy = 0;  // all processes and the kernel, all cores
  double own = 0;   // this process
};

/// Of now; empty where /proc/stat below `root` does not say.
std::optional<CoreUse> core_use(const std::filesystem::path& root = "/");

/// How many cores, on average, worked for other processes between two moments: 0 or more. Empty
/// when one is not known, or they lie so near that the kernel's ticks are too coarse (0.2 s).
std::optional<double> cores_of_others(const std::optional<CoreUse>& from,
                                      const std::optional<CoreUse>& to);

}  // namespace flopmeter
