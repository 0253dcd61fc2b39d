// Why an event cannot be counted, in one line.
#pragma once

#include <filesystem>
#include <string>

#include "counters/retired/perf_events.h"

namespace flopmeter::retired {

/// What perf_event_open's errno means on the machine whose /proc and /sys are under `root`.
std::string open_failure(int error, const std::filesystem::path& root = "/");

/// Why this machine counts nothing at all, found by opening its instruction counter; empty where it
/// counts.
std::string absence(PerfEvents& events = kernel_perf_events(),
                    const std::filesystem::path& root = "/");

}  // namespace flopmeter::retired
