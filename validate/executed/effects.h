// Why machine code does not do what the formula says, in named factors.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/network/after.h"
#include "validate/executed/executed.h"

namespace flopmeter {

/// One reason why executed counts differ from the formula: it multiplies the formula's count by
/// numerator / denominator.
struct Factor {
  std::string effect;  // "in-bounds taps"
  std::string text;    // of this case, "output channels 10 -> 16"; empty: the effect says it all
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;
};

/// formula x factors + unexplained = executed, exactly. Arithmetic in f64 is left out: it belongs
/// to no kernel.
struct Explanation {
  /// "macs"; "products", which are all multiplies, where code does a part of the MACs as separate
  /// multiplies and adds, so that those in FMA would read as if work were missing; where the formula
  /// has no MACs "operations": every multiply, add, divide, square root, transcendental function and
  /// comparison.
  std::string_view quantity;
  std::int64_t formula = 0;   // dense: every tap, padding included
  std::int64_t executed = 0;  // active lanes
  std::vector<Factor> factors = {};
  std::int64_t unexplained = 0;

  bool exact() const { return unexplained == 0; }
};

/// Of a case that was counted, and what is done to its result in the same step. Throws CountOverflow.
Explanation explain(const Case& subject, const Executed& executed,
                    std::span<const After> after = {});

/// "1.5247 = 0.9529 in-bounds taps x 1.6000 output channels 10 -> 16", and ", unexplained: +123
/// MACs" behind it where the factors do not give the executed count. Never dropped, never rounded
/// away.
std::string to_string(const Explanation& explanation);

}  // namespace flopmeter
