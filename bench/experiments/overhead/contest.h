// Two ways to do the same, timed in turns, so that a machine that changes its pace bends both. In
// CPU time, all on one thread, so that what other programs do in between does not count.
#pragma once

#include <functional>
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

/// One line of the output. The ratio must be at most `limit`, or at least when `at_least`.
struct Line {
  std::string what;
  double ratio;
  double limit;
  bool at_least = false;
};

/// Prints the line; false when it is beyond the limit.
bool print(const Line& line);

}  // namespace flopmeter::overhead
