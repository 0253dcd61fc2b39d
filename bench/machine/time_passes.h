// Time of a generated loop, in seconds and in cycles of the core's clock.
#pragma once

#include <cstdint>
#include <functional>

#include "bench/clock.h"

namespace flopmeter {

/// One sample of one loop.
struct Timing {
  double seconds = 0;  // of one pass
  double cycles = 0;   // of one pass, of the clock that the core had right afterwards
};

/// Goes through a loop so many times.
using Passes = std::function<void(std::int64_t passes)>;

/// Seconds and cycles of one pass of `loop`, after one call that is not timed: the medians of looks
/// at the clock every 1000 passes, for at least so many seconds and 9 looks. On a busy machine most
/// looks are not interrupted, so that the median is the time of the loop itself. Right after each
/// look 200 passes of `cycles_loop`, of so many cycles each, show the core's clock: wide registers
/// slow it down, and only as long as they are used.
Timing time_passes(const Passes& loop, const Passes& cycles_loop, double cycles_per_pass,
                   const Clock& clock, double seconds);

}  // namespace flopmeter
