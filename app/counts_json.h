// Operation counts in every JSON output.
#pragma once

#include <nlohmann/json.hpp>

#include "counters/op_counts.h"

namespace flopmeter {

/// {macs: ..., multiplies: ..., ...}: all kinds.
nlohmann::json counts_json(const OpCounts& counts);

}  // namespace flopmeter
