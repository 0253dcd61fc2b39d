// What a training step costs over its forward pass, layer by layer and for whole networks.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/case.h"
#include "kernels/network/network.h"

namespace flopmeter {

/// Operations of the passes of a training step, in bounds: MACs, or by the convention `exact`.
struct PassCosts {
  std::int64_t forward = 0;
  std::int64_t backward_data = 0;
  std::int64_t backward_weights = 0;

  std::int64_t step() const;
  /// The whole step over the forward pass; NaN where that is nothing.
  double ratio() const;
};
PassCosts operator+(const PassCosts& a, const PassCosts& b);

struct TrainingCost {
  PassCosts macs;
  PassCosts flops;  // exact
};
TrainingCost operator+(const TrainingCost& a, const TrainingCost& b);

/// Of one layer, from its closed forms, which the ledger holds against counts. Passes that the
/// layer does not have cost nothing.
TrainingCost training_cost(const Problem& problem);

/// The networks of published/counts.json, of which the layers are known.
std::vector<Network> networks();

/// Of a whole network: nothing asks for the gradient of its inputs, so that nodes that read nothing
/// else have no data gradient. Throws CountOverflow.
TrainingCost training_cost(const Network& network);

}  // namespace flopmeter
