// Ridge points of the roofline: where memory and arithmetic take equally long.
#pragma once

#include <span>
#include <vector>

#include "results/machine.h"

namespace flopmeter {

/// For each dtype, number of cores and level of memory: the dtype's best burst of FMAs, dot
/// products or multiplies and adds (of bf16, f16 and s8 that of f32 where it is better, because
/// kernels may compute in it) over the burst of loads. Rows without a burst make no
/// ridge; one of a noisy row is noisy.
std::vector<RidgeRow> ridges(std::span<const ThroughputRow> throughput,
                             std::span<const BandwidthRow> bandwidth);

}  // namespace flopmeter
