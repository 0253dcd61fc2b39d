#include "counters/retired/encoding.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <perfmon/pfmlib_perf_event.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace flopmeter::retired {
namespace {

constexpr auto soname = "libpfm.so.4";

/// libpfm4 with its tables of all CPUs is opened only by who encodes an event: relocating them would be a
/// third of the start of a process that counts nothing by the kernel.
struct Library {
  decltype(&pfm_initialize) initialize = nullptr;
  decltype(&pfm_get_os_event_encoding) get_os_event_encoding = nullptr;
  decltype(&pfm_get_pmu_info) get_pmu_info = nullptr;
  decltype(&pfm_strerror) strerror = nullptr;
  std::string reason;  // why it cannot be used, empty where it can
};

template <class Function>
void bind(void* handle, const char* name, Function& function, std::string& reason) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  if (function == nullptr) {
    reason = fmt::format("{} lacks {}", soname, name);
  }
}

/// Only with this variable libpfm4 encodes for PMUs that it did not find, and it reads it only
/// here.
pfm_err_t initialize_for_all_pmus(const Library& library) {
  constexpr const char* variable = "LIBPFM_ENCODE_INACTIVE";
  const bool set_before = std::getenv(variable) != nullptr;
  setenv(variable, "1", 0);
  const pfm_err_t error = library.initialize();
  if (!set_before) {
    unsetenv(variable);
  }
  return error;
}

Library load() {
  Library found;
  void* const handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    found.reason = fmt::format("{} is not here (package libpfm4)", soname);
    return found;
  }
  bind(handle, "pfm_initialize", found.initialize, found.reason);
  bind(handle, "pfm_get_os_event_encoding", found.get_os_event_encoding, found.reason);
  bind(handle, "pfm_get_pmu_info", found.get_pmu_info, found.reason);
  bind(handle, "pfm_strerror", found.strerror, found.reason);
  if (found.reason.empty()) {
    if (const pfm_err_t error = initialize_for_all_pmus(found); error != PFM_SUCCESS) {
      found.reason = found.strerror(error);
    }
  }
  return found;
}

const Library& library() {
  static const Library found = load();
  return found;
}

struct KernelEvent {
  std::string_view event;
  std::uint64_t config;
};

/// The kernel's own numbers of what it counts on every CPU. libpfm4 4.13 no longer knows them when
/// LIBPFM_FORCE_PMU names a PMU.
constexpr std::array kernel_events{
    KernelEvent{"CYCLES", PERF_COUNT_HW_CPU_CYCLES},
    KernelEvent{"INSTRUCTIONS", PERF_COUNT_HW_INSTRUCTIONS},
};

}  // namespace

Encoding encode(std::string_view pmu, std::string_view event) {
  const auto* const found = std::ranges::find(kernel_events, event, &KernelEvent::event);
  if (pmu == "perf" && found != kernel_events.end()) {
    return {.type = PERF_TYPE_HARDWARE, .config = found->config, .reason = {}};
  }
  const std::string name = fmt::format("{}::{}", pmu, event);
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  pfm_perf_encode_arg_t result{};
  result.size = sizeof(result);
  result.attr = &attributes;
  const Library& pfm = library();
  std::string reason = pfm.reason;
  if (reason.empty()) {
    const pfm_err_t error =
        pfm.get_os_event_encoding(name.c_str(), PFM_PLM3, PFM_OS_PERF_EVENT, &result);
    reason = error == PFM_SUCCESS ? "" : pfm.strerror(error);
  }
  if (!reason.empty()) {
    return {.reason = fmt::format("libpfm4 does not encode {}: {}", name, reason)};
  }
  return {.type = attributes.type, .config = attributes.config, .reason = {}};
}

std::vector<std::string> present_pmus() {
  std::vector<std::string> names;
  const Library& pfm = library();
  if (!pfm.reason.empty()) {
    return names;
  }
  for (int pmu = PFM_PMU_NONE; pmu < PFM_PMU_MAX; ++pmu) {
    pfm_pmu_info_t info{};
    info.size = sizeof(info);
    if (pfm.get_pmu_info(static_cast<pfm_pmu_t>(pmu), &info) == PFM_SUCCESS &&
        info.is_present != 0 && info.type == PFM_PMU_TYPE_CORE) {
      names.emplace_back(info.name);
    }
  }
  return names;
}

}  // namespace flopmeter::retired
