// What a plan adds up: the nodes of a network as they run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/chain/chain.h"
#include "models/model.h"

namespace flopmeter::planner {

/// What runs as one primitive. Without a layer it moves `moved_elements`, or is not understood
/// (`reason`). Elements instead of bytes: the dtype is chosen later.
struct Item {
  std::string name;
  const AnyLayer* layer = nullptr;
  Values shape = {};
  std::int64_t uses = 1;
  std::vector<std::string> fused = {};  // names of the nodes that add nothing
  std::vector<std::string> after = {};  // functions that are done to its results as well, by name
  std::int64_t weights = 0;             // elements of parameters that it reads
  std::int64_t activations = 0;         // elements that it reads and writes
  std::int64_t moved = 0;               // elements, where there is no layer
  std::string reason = {};
};

/// What runs as one primitive each, one item a node of the chain, its batch in the shapes; behind them what brings
/// tensors into another number type in that dtype, one item each.
std::vector<Item> items_of(const models::Chain& chain, Dtype dtype);

/// Nodes in the order of the file. A batch norm or an activation right behind a convolution, a linear
/// layer or a product, or behind what is fused with one, adds nothing; views and constants neither.
std::vector<Item> items_of(const models::Model& model);

}  // namespace flopmeter::planner
