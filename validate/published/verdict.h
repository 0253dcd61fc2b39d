// What a published counter's number is worth beside the counted one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "validate/published/print.h"

namespace flopmeter::published {

/// What was counted, for one pass. `dense` has its padding laid out as real zeros.
struct Counted {
  OpCounts in_bounds;
  OpCounts dense;
  std::int64_t parameters = 0;
  std::int64_t outputs = 0;  // elements of all outputs
};

/// A number beside the counted one that its convention stands for.
struct CounterComparison {
  std::int64_t dense = 0;
  std::int64_t in_bounds = 0;
  std::optional<double> factor;  // printed over dense; none where dense is 0 or nothing printed
  std::string verdict;
};

/// Judges what was printed: exact, silent zero, wrong by a factor, one too many an output, ...
CounterComparison compare(const Quantity& quantity, const Printed& printed, const Counted& counted);

/// One line of the comparison of all counters.
struct Row {
  const Counter* counter;
  const Quantity* quantity;
  Printed printed;
  CounterComparison comparison;
};

/// Every number of the counters for the layer, in the order of the table.
std::vector<Row> rows(const Table& table, std::span<const Counter* const> counters,
                      const Problem& problem, Pass pass, const Counted& counted);

}  // namespace flopmeter::published
