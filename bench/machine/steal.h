// How much of the cores' time the hypervisor gave to others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace flopmeter {

/// Time of all cores of the machine since it started, in the kernel's ticks.
struct CoreTime {
  std::int64_t stolen = 0;  // ready to run, but the hypervisor ran something else
  std::int64_t all = 0;     // idle time too
};

/// From /proc/stat below `root`; empty where it is not shown.
std::optional<CoreTime> core_time(const std::filesystem::path& root = "/");

/// Stolen time between two moments, in percent of all time. Empty when one is not known, or less
/// than a tick lies between them.
std::optional<double> steal_percent(const std::optional<CoreTime>& from,
                                    const std::optional<CoreTime>& to);

}  // namespace flopmeter
