// Which functions did the arithmetic of an executed case: the kernel, or the library around it.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "counters/executed/counter.h"
#include "results/report/text_table.h"

namespace flopmeter {

/// A list of {module, symbol, bytes, instructions, active: {...}}, of those that did arithmetic.
/// The module of generated code is empty; its bytes are those from the first to the last
/// instruction that ran.
nlohmann::json spots_json(std::span<const executed::HotSpot> spots);

/// Adds a row for each of the first ones, and one for the rest: backend, MACs, multiplies, adds and
/// function.
void add_spots(report::TextTable& table, std::string_view backend,
               std::span<const executed::HotSpot> spots);

}  // namespace flopmeter
