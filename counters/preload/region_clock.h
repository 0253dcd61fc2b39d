// Time without what marks themselves take.
#pragma once

#include <cstdint>
#include <ctime>

namespace flopmeter::executed {

/// One for a process; used while its lock is held.
class RegionClock {
 public:
  /// Nanoseconds, standing still from stop to go.
  std::int64_t stop() {
    stopped_at_ = now();
    return stopped_at_ - stood_still_;
  }
  void go() { stood_still_ += now() - stopped_at_; }

 private:
  static std::int64_t now() {
    constexpr std::int64_t a_second = 1'000'000'000;
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * a_second + time.tv_nsec;
  }

  std::int64_t stopped_at_ = 0;
  std::int64_t stood_still_ = 0;
};

}  // namespace flopmeter::executed
