// Times of several loops, taken in turn, so that a neighbour or a changing clock bends all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

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

/// Looks at every loop once a round, every other round in reverse. A timing for each round, loop by
/// loop.
std::vector<std::vector<Timing>> take_rounds(std::size_t loops, std::size_t rounds,
                                             const std::function<Timing(std::size_t loop)>& look);

/// A number and how far half of the samples lie from it, as a share of it.
struct Estimate {
  double median = 0;
  double deviation = 0;
};

/// Of one member over all rounds.
Estimate estimate(std::span<const Timing> timings, double Timing::*member);

/// a / b in seconds, round by round.
Estimate ratio(std::span<const Timing> a, std::span<const Timing> b);

}  // namespace flopmeter
