// Nodes of two networks side by side.
#pragma once

#include <vector>

#include "app/model.h"

namespace flopmeter {

/// Null where only one of the networks has the node.
struct DiffPair {
  const ModelRow* before = nullptr;
  const ModelRow* after = nullptr;
};

/// Nodes that cost something and differ, the largest change first. Matched by name, then by layer and
/// shape, then by layer, each in the order of the files.
std::vector<DiffPair> matched(const ModelReport& before, const ModelReport& after);

}  // namespace flopmeter
