// Operation counts in every JSON output.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "counters/executed/arithmetic/totals.h"
#include "counters/op_counts.h"

namespace flopmeter {

/// A number, or null where it is not known.
template <class T>
nlohmann::json json_or_null(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

/// {macs: ..., multiplies: ..., ...}: all kinds.
nlohmann::json counts_json(const OpCounts& counts);

/// [{operation, element, lanes, products, instructions, active, full}, ...] of those that ran.
nlohmann::json operations_json(const executed::Totals& totals);

}  // namespace flopmeter
