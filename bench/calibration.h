// Bursts of the machine's own ceilings between the samples of a case, so that a shared or
// throttling machine bends the kernel and its ceilings alike.
#pragma once

#include <functional>
#include <optional>

#include "bench/clock.h"

namespace flopmeter {

/// How long to run the peak loop beside a sample of so many seconds: as long, because CPUs run
/// short bursts faster than long ones, but from 2 to 100 ms.
double burst_seconds(double sample_seconds);

/// The bursts of one ceiling beside one case.
class Calibration {
 public:
  /// The rate that a loop reached when it ran for some `seconds`.
  using Burst = std::function<double(double seconds)>;

  Calibration(Burst burst, Clock clock);

  /// The rate right before a sample: the burst after the last sample if that was only just now and
  /// long enough, else a new one.
  double before(double seconds);

  /// The rate right after a sample.
  double after(double seconds);

 private:
  struct Last {
    double rate;
    double seconds;
    double end;
  };

  Burst burst_;
  Clock clock_;
  std::optional<Last> last_;
};

}  // namespace flopmeter
