#include "counters/retired/encoding.h"

#include <fmt/format.h>
#include <linux/perf_event.h>
#include <perfmon/pfmlib_perf_event.h>

#include <cstdlib>

namespace flopmeter::retired {
namespace {

/// Only with this variable libpfm4 encodes for PMUs that it did not find, and it reads it only
/// here.
pfm_err_t initialize_for_all_pmus() {
  constexpr const char* variable = "LIBPFM_ENCODE_INACTIVE";
  const bool set_before = std::getenv(variable) != nullptr;
  setenv(variable, "1", 0);
  const pfm_err_t error = pfm_initialize();
  if (!set_before) {
    unsetenv(variable);
  }
  return error;
}

pfm_err_t initialized() {
  static const pfm_err_t error = initialize_for_all_pmus();
  return error;
}

}  // namespace

Encoding encode(std::string_view pmu, std::string_view event) {
  const std::string name = fmt::format("{}::{}", pmu, event);
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  pfm_perf_encode_arg_t result{};
  result.size = sizeof(result);
  result.attr = &attributes;
  pfm_err_t error = initialized();
  if (error == PFM_SUCCESS) {
    error = pfm_get_os_event_encoding(name.c_str(), PFM_PLM3, PFM_OS_PERF_EVENT, &result);
  }
  if (error != PFM_SUCCESS) {
    return {.reason = fmt::format("libpfm4 does not encode {}: {}", name, pfm_strerror(error))};
  }
  return {.type = attributes.type, .config = attributes.config, .reason = {}};
}

std::vector<std::string> present_pmus() {
  std::vector<std::string> names;
  if (initialized() != PFM_SUCCESS) {
    return names;
  }
  for (int pmu = PFM_PMU_NONE; pmu < PFM_PMU_MAX; ++pmu) {
    pfm_pmu_info_t info{};
    info.size = sizeof(info);
    if (pfm_get_pmu_info(static_cast<pfm_pmu_t>(pmu), &info) == PFM_SUCCESS &&
        info.is_present != 0 && info.type == PFM_PMU_TYPE_CORE) {
      names.emplace_back(info.name);
    }
  }
  return names;
}

}  // namespace flopmeter::retired
