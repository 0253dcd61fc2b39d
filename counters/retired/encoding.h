// Event names to the numbers that the kernel takes, by libpfm4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flopmeter::retired {

/// perf_event_attr::type and ::config of an event; with a `reason`, why there are none.
struct Encoding {
  std::uint32_t type = 0;
  std::uint64_t config = 0;
  std::string reason;
};

/// The encoding of `event` on the PMU that libpfm4 calls `pmu`, which need not be in this machine.
Encoding encode(std::string_view pmu, std::string_view event);

/// The core PMUs that libpfm4 finds in this machine, or the one that LIBPFM_FORCE_PMU names.
std::vector<std::string> present_pmus();

}  // namespace flopmeter::retired
