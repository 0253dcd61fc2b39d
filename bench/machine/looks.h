// What is said of many short looks at how fast something runs: pure functions of the samples.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bench/machine/peak.h"
#include "results/machine.h"

namespace flopmeter {

/// The median look may lie so far below the burst, as a share of it, before a row is called noisy.
inline constexpr double looks_noisy_above = 0.1;

/// Why the looks do not agree: "half of the looks reached at most 71 % of the burst". Empty: they
/// do. A look can be disturbed, but not be too fast, so what counts is how near to the burst the
/// middle one came.
std::string why_noisy(std::span<const double> rates);

/// Fills burst, the 90th percentile of the looks; ghz, the 90th percentile of the clocks beside the
/// looks that are at least as fast; instructions_per_cycle, status and reason. Of a row whose
/// `cores` is set. At least one look.
void set_burst(ThroughputRow& row, const PeakSpec& spec, std::span<const PeakLook> looks);

}  // namespace flopmeter
