// Sums over a model, and its distinct cases.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/model.h"

namespace flopmeter::models {

/// Of one pass. `whole` is false where a node is not understood: then the numbers are at least these.
struct Totals {
  OpCounts dense, in_bounds;
  std::int64_t bytes = 0;  // every operand of every node once, f32
  bool whole = true;
};

/// What a node costs once; nothing without a layer, or in a pass that its layer does not have.
Formula node_formula(const ModelNode& node, Pass pass);
std::int64_t node_bytes(const ModelNode& node, Pass pass);

/// Throws CountOverflow.
Totals totals_of(const Model& model, Pass pass);

/// Nodes that differ by name alone.
struct ModelCase {
  const AnyLayer* layer = nullptr;
  Values values;
  std::int64_t uses = 0;
  std::vector<const ModelNode*> nodes;
};

/// In the order of first use.
std::vector<ModelCase> distinct_cases(const Model& model);

}  // namespace flopmeter::models
