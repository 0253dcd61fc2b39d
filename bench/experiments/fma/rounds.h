// Times of several loops, taken in turn, so that a neighbour or a changing clock bends all of them.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "bench/machine/time_passes.h"

namespace flopmeter {

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
