// What was found out about one case, before it becomes a record.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/agreement.h"
#include "kernels/dtype.h"

namespace flopmeter {

/// One repetition: `calls` calls in a row, and what the machine could do at that time.
struct Sample {
  std::int64_t calls = 0;
  double seconds = 0;  // for one call
  /// Operations per second: the better one of the peak bursts right before and right after. A burst
  /// can only be too slow (an interrupt, a neighbour on the machine), never too fast, so the better
  /// one is nearer to the ceiling, and a percentage of it errs to the low side.
  double ceiling = 0;
  /// Bytes per second where the operands lie, chosen in the same way; 0: not measured.
  double bandwidth = 0;
};

struct Verdict {
  std::string_view status;  // of Record
  std::string reason;       // empty when ok
};

/// How far half of the samples, and half of their ceilings, may lie from their median before a row is
/// called noisy: the median absolute deviation, which does not grow with the number of samples as
/// the distance of the largest from the smallest does.
inline constexpr double noisy_above = 0.03;
/// The same for bandwidths, where they bound the case: caches and memory that others share move
/// more.
inline constexpr double bandwidth_noisy_above = 0.06;

/// The verdict on samples of a kernel that does `operations` in a call and moves `bytes`:
///   noisy       half of the samples' ceilings lie 3 % or more from their median. One interrupted
///               burst does not show in them, because both samples that it touches have another
///               one: what moves them lasted at least from one burst to the next, so it reached the
///               kernel as well. Or half of the samples lie that far from their median: bursts that
///               ran undisturbed by chance do not make the median of such samples a result.
///               Of a kernel that comes nearer to its bandwidth than to its peak: or half of the
///               bandwidths lie 6 % or more from their median
///   mistrusted  the kernel beats its ceilings by more than three times their deviation, about two
///               standard deviations, and more than 1 %: it has a faster
///               instruction or a shorter algorithm than was assumed. Bandwidths likewise: it
///               leaves operands out or finds them nearer
///   ok          otherwise
Verdict judge(std::span<const Sample> samples, double operations, double bytes);

/// How many cores may work for others while a case is measured whose operands lie where other cores
/// reach as well.
inline constexpr double other_cores_above = 0.1;

/// The verdict on the company that the case had: noisy where more cores than that worked for others
/// and `shared`, the operands lay in a cache or memory of several cores. Loops beside the samples
/// do not show it, since they have the same company.
Verdict judge_company(const std::optional<double>& other_cores, bool shared,
                      std::string_view memory_level);

/// operations / seconds / ceiling, in percent: the median over the samples.
double percent_of_peak(std::span<const Sample> samples, double operations);

/// The least time under both roofs beside the sample, over its time, in percent: the median over
/// the samples.
double percent_of_attainable(std::span<const Sample> samples, double operations, double bytes);

/// What makes one attempt better than another at a noisy case: the deviation of its samples.
double sample_deviation(std::span<const Sample> samples);

struct Measurement {
  Verdict verdict = {};
  std::optional<Agreement> agreement = {};  // from validation, before timing
  std::string implementation = {};
  std::string layout = {};          // in which the activations were given, where that was chosen
  std::vector<Pass> computes = {};  // as Prepared's
  std::string peak_instruction = {};
  std::string memory_level = {};                // where the operands lie
  std::optional<double> overhead_seconds = {};  // the least that a call of the backend takes
  std::optional<double> other_cores = {};       // that worked for other processes, on average
  int attempts = 1;                             // until it was not noisy
  std::vector<Sample> samples = {};             // empty where it was not timed
};

}  // namespace flopmeter
