// The measured ceiling of an instruction mix: operations per second, on as many cores as a kernel.
#pragma once

#include <cstdint>

#include "bench/clock.h"
#include "bench/machine/core_clock.h"
#include "bench/machine/peak_code.h"

namespace flopmeter {

/// Seconds of the shortest burst that percent of peak refers to.
inline constexpr double shortest_burst = 2e-3;

/// Seconds of one look at a peak: so short that most looks are not interrupted, however busy the
/// machine is.
inline constexpr double look_seconds = 3e-5;

/// One look at a peak.
struct PeakLook {
  double rate = 0;  // operations a second of all threads
  double ghz = 0;   // of the core's clock under the same load, the mean over the threads
};

/// Runs one row of the table of peaks. The CPU must have what the row needs.
class PeakLoop {
 public:
  explicit PeakLoop(const PeakSpec& spec, Clock clock = steady_seconds);

  const PeakSpec& spec() const { return spec_; }

  /// Operations of one thread that goes through the loop `passes` times.
  std::int64_t operations(std::int64_t passes) const { return passes * spec_.operations(); }

  /// Operations per second while `threads` threads of an OpenMP region run the loop at the same
  /// time for that many seconds: the sum of what each thread reached. Throws std::runtime_error
  /// when OpenMP gives fewer threads.
  double burst(int threads, double seconds) const;

  /// The same, and right after it each thread's clock under this row.
  PeakLook look(int threads, double seconds, const LoadedClock& loaded) const;

  /// The clock of cores that run this row on so many threads.
  LoadedClock loaded_clock(int threads) const;

 private:
  double burst_of_one(double seconds) const;

  const PeakSpec& spec_;
  Clock clock_;
  PeakCode code_;
};

/// The row that percent of peak refers to: the fastest of peak_candidates(), by the best of ten
/// looks at each.
const PeakSpec& peak_spec(Dtype dtype, const Clock& clock = steady_seconds);

}  // namespace flopmeter
