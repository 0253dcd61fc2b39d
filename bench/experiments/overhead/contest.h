// Two ways to do the same, timed in turns, so that a machine that changes its pace bends both. In
// CPU time, all on one thread, so that what other programs do in between does not count.
#pragma once

#include <functional>
#include <limits>
#include <string>

namespace flopmeter::overhead {

/// Seconds that this thread has computed.
double thread_seconds();

/// How long a sample takes, about. Both sides need the same: short ones escape interrupts.
inline constexpr double sample_seconds = 0.02;

/// Seconds for one call, averaged over one sample.
using Sampler = std::function<double()>;

/// A sampler that calls `work` for sample_seconds at a time. Works once, untimed.
Sampler sampler(std::function<void()> work);

/// Medians of samples taken in turns: subject / baseline.
double time_ratio(const Sampler& subject, const Sampler& baseline);

/// What a ratio may be. Far from 1 on the other side it is wrong as well: then both sides do not do
/// the same.
struct Limits {
  double low = 0;
  double high = std::numeric_limits<double>::infinity();
};

/// Prints the line; false when the ratio is beyond its limits.
bool print(const std::string& what, double ratio, const Limits& limits);

}  // namespace flopmeter::overhead
