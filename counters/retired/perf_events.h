// The system calls behind performance events, replaceable in tests.
#pragma once

#include <linux/perf_event.h>

#include <cstdint>
#include <span>

namespace flopmeter::retired {

/// Each returns a negative errno on failure.
class PerfEvents {
 public:
  PerfEvents() = default;
  PerfEvents(const PerfEvents&) = delete;
  PerfEvents& operator=(const PerfEvents&) = delete;
  virtual ~PerfEvents() = default;

  /// perf_event_open(2) for the calling thread on any core; `leader` is -1 for a new group.
  /// Returns a file descriptor.
  virtual int open(perf_event_attr& attributes, int leader) = 0;

  /// ioctl(2): PERF_EVENT_IOC_ENABLE or _DISABLE of a leader, with which its group counts or rests.
  /// Returns 0.
  virtual int control(int leader, unsigned long request) = 0;

  /// read(2). Returns how many words were read.
  virtual int read(int leader, std::span<std::uint64_t> words) = 0;

  virtual void close(int descriptor) = 0;
};

/// Those of the kernel.
PerfEvents& kernel_perf_events();

}  // namespace flopmeter::retired
