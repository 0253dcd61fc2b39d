// The instruction throughput of a machine as tables.
#pragma once

#include <span>
#include <string>

#include "results/machine.h"

namespace flopmeter {

/// A table for each dtype, a line for each mix and width, all numbers of cores beside each other;
/// then what an FMA is worth at each width, in words. Empty where there are no rows.
std::string throughput_text(std::span<const ThroughputRow> rows);

}  // namespace flopmeter
