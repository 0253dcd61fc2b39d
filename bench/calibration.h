// Peak bursts between the samples of a case, so that a shared or throttling machine bends the
// kernel and its ceiling alike.
#pragma once

#include <optional>

#include "bench/clock.h"
#include "bench/machine/peak.h"

namespace flopmeter {

/// How long to run the peak loop beside a sample of so many seconds: as long, because CPUs run
/// short bursts faster than long ones, but from 2 to 100 ms.
double burst_seconds(double sample_seconds);

/// The bursts of one case.
class Calibration {
 public:
  Calibration(const PeakLoop& loop, int threads, Clock clock);

  const PeakSpec& spec() const { return loop_.spec(); }

  /// Operations per second right before a sample: the burst after the last sample if that was only
  /// just now and long enough, else a new one.
  double before(double seconds);

  /// Operations per second right after a sample.
  double after(double seconds);

 private:
  struct Burst {
    double rate;
    double seconds;
    double end;
  };

  const PeakLoop& loop_;
  int threads_;
  Clock clock_;
  std::optional<Burst> last_;
};

}  // namespace flopmeter
