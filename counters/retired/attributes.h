// How every event is opened.
#pragma once

#include <linux/perf_event.h>

#include <cstdint>

namespace flopmeter::retired {

/// User space only, read as a group with its times.
inline perf_event_attr attributes_of(std::uint32_t type, std::uint64_t config) {
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.type = type;
  attributes.config = config;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  attributes.read_format =
      PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  return attributes;
}

}  // namespace flopmeter::retired
