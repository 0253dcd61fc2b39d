// What running the reference on counting scalars says of a shape.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/case.h"

namespace flopmeter::claims {

/// Counts of the forward pass. `dense` is measured on the shape with its padding laid out as real
/// zeros, so that every tap is computed.
struct Measurement {
  OpCounts in_bounds;
  OpCounts dense;
  std::int64_t parameters = 0;
  std::vector<std::int64_t> output;  // dimensions of dst; empty for several layers together
  bool ran = true;                   // false: too large to run, the closed form stands in
};

/// Runs the reference. Above `most_macs` it would take seconds, and the closed form, which the
/// ledger proves equal, is taken instead.
inline constexpr std::int64_t most_macs = 200'000'000;
Measurement measure(const Problem& problem);

/// The sum over layers.
Measurement measure(std::span<const Problem> problems);

/// The same from the closed forms of the shape, to say whether they agree.
Measurement closed_form(std::span<const Problem> problems);

}  // namespace flopmeter::claims
