// Operation counts in every JSON output.
#pragma once

#include <nlohmann/json.hpp>

#include "counters/executed/arithmetic/totals.h"
#include "counters/op_counts.h"

namespace flopmeter {

/// {macs: ..., multiplies: ..., ...}: all kinds.
nlohmann::json counts_json(const OpCounts& counts);

/// [{operation, element, lanes, products, instructions, active, full}, ...] of those that ran.
nlohmann::json operations_json(const executed::Totals& totals);

}  // namespace flopmeter
