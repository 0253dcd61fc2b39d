// What a training step costs over its forward pass, layer by layer and for whole networks.
#pragma once

#include <cstdint>
#include <string>
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
  std::int64_t parameters = 0;
  std::int64_t trained = 0;  // of these
};
TrainingCost operator+(const TrainingCost& a, const TrainingCost& b);

/// Of one layer, from its closed forms, which the ledger holds against counts. Passes that the
/// layer does not have cost nothing.
TrainingCost training_cost(const Problem& problem);

/// The networks of published/counts.json, of which the layers are known.
std::vector<Network> networks();

/// What is trained, from which follows which gradients are needed: a node's weight gradient where its
/// own weights are trained, its data gradient where something before it is.
struct Trained {
  bool frozen = false;  // none of the weights
  /// Above 0: none of the weights, but two small matrices beside each linear layer's (LoRA):
  /// y += scaling * up(down(x)), down: ic -> rank, up: rank -> oc, without biases.
  std::int64_t rank = 0;
  std::vector<std::string> only =
      {};  // labels of nodes that are trained or adapted; all where empty

  bool everything() const { return !frozen && rank == 0 && only.empty(); }
};

/// Of one layer that stands behind others which are trained, so that it has a data gradient; of one
/// that is made of others, node by node. Throws BadInput for labels that it does not have, and where
/// nothing takes an adapter.
TrainingCost training_cost(const Problem&, const Trained&);

/// Of a whole network; its inputs have no gradient.
TrainingCost training_cost(const Network&, const Trained&);

/// Of a whole network: nothing asks for the gradient of its inputs, so that nodes that read nothing
/// else have no data gradient. Throws CountOverflow.
TrainingCost training_cost(const Network& network);

}  // namespace flopmeter
