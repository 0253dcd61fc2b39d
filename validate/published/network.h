// What published counters print for a whole network, taken apart node by node: the shares of the
// nodes sum to the number, and so do their differences from what the layers' formulas say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "validate/published/print.h"

namespace flopmeter::published {

/// A layer as the network's author wrote it in PyTorch. `counted` is what its formula says of one
/// use; a batch norm that was folded away counts nothing.
struct Written {
  std::string name;
  Problem problem;
  Scope set;
  std::int64_t uses = 1;
  OpCounts dense, in_bounds;
};

/// What one node, with all its uses, adds to a printed number.
struct NodeShare {
  const Written* node = nullptr;
  std::int64_t printed = 0;  // whole ones; what is cut off is in NetworkPrint::fractions
  std::int64_t dense = 0;    // in the convention of the quantity
  std::string note;
  std::string failure;  // why the counter has no number for it

  std::int64_t difference() const { return printed - dense; }
};

/// printed = dense + the differences of the shares + fractions.
struct NetworkPrint {
  const Counter* counter = nullptr;
  const Quantity* quantity = nullptr;
  std::int64_t printed = 0;
  std::int64_t dense = 0, in_bounds = 0;
  std::int64_t fractions = 0;  // whole ones that fractions of nodes add up to
  std::vector<NodeShare> shares;
  std::string failure;  // the first share's that the counter stops at

  /// Shares without a number: then the printed number is at least this.
  std::size_t unknown() const;
};

/// Shares of the same layer for the same reason.
struct ShareGroup {
  std::string layer, note, failure;
  std::int64_t nodes = 0;  // with their uses
  std::int64_t printed = 0, dense = 0;
};

/// Every number of the counters. `samples` is the batch of the network. Throws
/// CountOverflow.
std::vector<NetworkPrint> network_prints(const Table& table,
                                         const std::vector<const Counter*>& counters,
                                         const std::vector<Written>& nodes, Pass pass,
                                         std::int64_t samples);

/// Largest difference first; groups that agree are at the end.
std::vector<ShareGroup> grouped_shares(const NetworkPrint& print);

}  // namespace flopmeter::published
