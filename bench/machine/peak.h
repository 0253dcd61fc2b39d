// The measured ceiling of an instruction mix: operations per second, on as many cores as a kernel.
#pragma once

#include <cstdint>

#include "bench/clock.h"
#include "bench/machine/peak_code.h"

namespace flopmeter {

/// Runs one row of the table of peaks. The CPU must have what the row needs.
class PeakLoop {
 public:
  explicit PeakLoop(const PeakSpec& spec, Clock clock = steady_seconds);

  const PeakSpec& spec() const { return spec_; }

  /// Operations of one thread that goes through the loop `passes` times.
  std::int64_t operations(std::int64_t passes) const;

  /// Operations per second while `threads` threads of an OpenMP region run the loop at the same
  /// time for that many seconds: the sum of what each thread reached. Throws std::runtime_error
  /// when OpenMP gives fewer threads.
  double burst(int threads, double seconds) const;

 private:
  double burst_of_one(double seconds) const;

  const PeakSpec& spec_;
  Clock clock_;
  PeakCode code_;
};

}  // namespace flopmeter
