// Conventions: the rules that reduce operation counts to the one number people call "FLOPs".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "counters/op_counts.h"

namespace flopmeter {

/// A named rule. `reduce` throws CountOverflow.
struct Convention {
  std::string_view name;
  std::string_view unit;  // MACs or FLOPs
  std::string_view rule;  // in words, for every output that uses the number
  std::int64_t (*reduce)(const OpCounts&);
};

/// mac, flop2 and exact.
std::span<const Convention> conventions();

/// The convention of that name; throws std::invalid_argument naming the accepted ones.
const Convention& find_convention(std::string_view name);

}  // namespace flopmeter
