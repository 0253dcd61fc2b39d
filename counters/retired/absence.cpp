#include "counters/retired/absence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "counters/retired/attributes.h"
#include "counters/retired/machine.h"

namespace flopmeter::retired {
namespace {

struct Meaning {
  int error;
  const char* text;
};

constexpr std::array<Meaning, 6> meanings{{
    {ENOSYS, "this kernel or sandbox has no perf_event_open"},
    {EOPNOTSUPP, "the CPU's PMU does not do this (EOPNOTSUPP)"},
    {ENODEV, "the CPU's PMU does not do this (ENODEV)"},
    {EINVAL, "this kernel does not take the event (EINVAL)"},
    {EBUSY, "another user holds the CPU's counters (EBUSY)"},
    {EMFILE, "too many open files: raise ulimit -n"},
}};

std::string not_permitted(int error, const std::filesystem::path& root) {
  constexpr std::int64_t user_space_of_own_threads = 2;
  const auto paranoid = read_number(root / "proc/sys/kernel/perf_event_paranoid");
  if (paranoid && *paranoid > user_space_of_own_threads) {
    return fmt::format(
        "kernel.perf_event_paranoid is {}: sysctl kernel.perf_event_paranoid={} permits it",
        *paranoid, user_space_of_own_threads);
  }
  return fmt::format(
      "not permitted ({}) though kernel.perf_event_paranoid is {}: a container's seccomp profile "
      "or a security module forbids it",
      error == EACCES ? "EACCES" : "EPERM", paranoid ? fmt::to_string(*paranoid) : "unreadable");
}

}  // namespace

std::string open_failure(int error, const std::filesystem::path& root) {
  if (error == EACCES || error == EPERM) {
    return not_permitted(error, root);
  }
  if (error == ENOENT) {
    return has_cpu_pmu(root) ? "this CPU's PMU has no such event (ENOENT)"
                             : "this machine exposes no performance events";
  }
  const auto* const known = std::ranges::find(meanings, error, &Meaning::error);
  return known != meanings.end()
             ? known->text
             : fmt::format("perf_event_open: {}", std::generic_category().message(error));
}

std::string absence(PerfEvents& events, const std::filesystem::path& root) {
  perf_event_attr attributes = attributes_of(PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS);
  const int descriptor = events.open(attributes, -1);
  if (descriptor < 0) {
    return open_failure(-descriptor, root);
  }
  events.close(descriptor);
  return "";
}

}  // namespace flopmeter::retired
