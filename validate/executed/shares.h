// What executed counts say of the code, in ratios.
#pragma once

#include <optional>

#include "validate/executed/executed.h"

namespace flopmeter {

/// Empty where there is nothing to divide by.
struct Shares {
  std::optional<double> fma;                   // multiplies done in FMA / multiplies, active lanes
  std::optional<double> dot;                   // those in dot-product instructions / multiplies
  std::optional<double> instructions_per_mac;  // of any kind / MACs in active lanes
  std::optional<double> lane_use;              // active / full lanes of all arithmetic
};

Shares shares(const Executed& executed);

}  // namespace flopmeter
