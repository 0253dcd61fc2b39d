// How fast the core's clock ticks, in GHz, where no counter of cycles can be read.
#pragma once

#include <cstdint>

#include "bench/clock.h"
#include "bench/machine/cycle_code.h"
#include "bench/machine/peak_code.h"

namespace flopmeter {

/// GHz of the core that it runs on, from dependent additions, 3 microseconds of them.
double look_at_clock(const CycleCode& cycle, const Clock& clock);

/// The same on each of so many threads, the mean. Throws as run_team() does.
double look_at_clock(const CycleCode& cycle, const Clock& clock, int threads);

/// The clock while a row of the table of peaks runs, which wide instructions lower: dependent
/// additions between the instructions of the row. Right afterwards it is too late: the clock is
/// back up within 2 microseconds, most of which the core stands still.
class LoadedClock {
 public:
  /// Of a row a pass of whose throughput loop takes so many seconds, on a core whose clock is not
  /// much above `ghz`. A pass has half as many additions more as it takes cycles, so that they
  /// seldom wait for a port; beside a sequence, whose own chains fill the ports by turns, twice as
  /// many.
  LoadedClock(const PeakSpec& spec, double seconds_of_pass, double ghz);

  int additions() const { return additions_; }

  /// GHz of the core that it runs on, from some 30 microseconds after as many untimed ones.
  double look(const Clock& clock) const;

 private:
  const PeakSpec& spec_;
  int additions_;
  std::int64_t passes_;
  PeakCode code_;
};

}  // namespace flopmeter
