// What running the reference on counting scalars says of a shape.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/case.h"
#include "kernels/network/network.h"

namespace flopmeter::claims {

/// Counts of one pass, or of several together. `dense` is measured on the shape with its padding
/// laid out as real zeros, so that every tap is computed.
struct CountedSums {
  OpCounts in_bounds;
  OpCounts dense;
  std::array<OpCounts, 2>
      backward;  // in bounds and dense, of all backward passes; of measure_training
  std::int64_t parameters = 0;
  std::array<std::int64_t, all_dtypes.size()>
      bytes{};  // of every operand once, pass by pass; in the order of all_dtypes
  std::vector<std::int64_t>
      output;       // dimensions of dst, whatever the pass; empty for several layers together
  bool ran = true;  // false: too large to run, the closed form stands in
};

/// Runs the reference. Above `most_macs` it would take seconds, and the closed form, which the
/// ledger proves equal, is taken instead.
inline constexpr std::int64_t most_macs = 200'000'000;
inline constexpr std::array forward_alone{Pass::forward};
CountedSums measure(const Problem& problem, std::span<const Pass> passes = forward_alone);

/// The forward pass, and beside it all backward passes that the layer has together.
CountedSums measure_training(const Problem& problem);

/// The sum over the nodes, forward.
CountedSums measure(const Network& network);

/// The same from the closed forms of the shape, to say whether they agree.
CountedSums closed_form(const Network& network);

}  // namespace flopmeter::claims
