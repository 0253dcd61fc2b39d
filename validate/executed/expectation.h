// The count of a case from the formula's to what machine code is expected to do, effect by effect.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/network/after.h"
#include "validate/executed/effect_table.h"

namespace flopmeter {

/// A count after one more effect.
struct Entered {
  std::string effect;
  std::string text;
  std::int64_t count;
};

/// From the dense formula, through every effect that changes the count.
struct Expectation {
  std::int64_t dense = 0;
  std::vector<Entered> entries;

  std::int64_t count() const { return entries.empty() ? dense : entries.back().count; }
};

/// What the machine code is expected from.
struct Expected {
  const Case& subject;
  std::string_view
      implementation;   // the backend's own word; of several layers, those between commas
  std::string version;  // of the backend's library, "2.6.3"
  int lanes;            // f32 numbers in a register
  std::span<const After> after = {};  // what is done to the result in the same step
};

/// Throws CountOverflow.
Expectation expected_count(const Expected& of, Quantity quantity);

/// The formula's count of the quantity. Throws CountOverflow.
std::int64_t count_of(const OpCounts& counts, Quantity quantity);

}  // namespace flopmeter
