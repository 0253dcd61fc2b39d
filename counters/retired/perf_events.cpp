#include "counters/retired/perf_events.h"

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace flopmeter::retired {
namespace {

class KernelPerfEvents final : public PerfEvents {
 public:
  int open(perf_event_attr& attributes, int leader) override {
    constexpr pid_t this_thread = 0;
    constexpr int any_core = -1;
    const long descriptor = syscall(SYS_perf_event_open, &attributes, this_thread, any_core, leader,
                                    PERF_FLAG_FD_CLOEXEC);
    return descriptor < 0 ? -errno : static_cast<int>(descriptor);
  }

  int control(int leader, unsigned long request) override {
    return ioctl(leader, request, 0) < 0 ? -errno : 0;
  }

  int read(int leader, std::span<std::uint64_t> words) override {
    const ssize_t bytes = ::read(leader, words.data(), words.size_bytes());
    return bytes < 0 ? -errno
                     : static_cast<int>(static_cast<std::size_t>(bytes) / sizeof(words[0]));
  }

  void close(int descriptor) override { ::close(descriptor); }
};

}  // namespace

PerfEvents& kernel_perf_events() {
  static KernelPerfEvents events;
  return events;
}

}  // namespace flopmeter::retired
