// Mamba and Mamba-2: blocks with a recurrence each and nothing else.
#pragma once

#include <cstdint>

#include "models/architectures/recurrence.h"
#include "models/architectures/transformer.h"
#include "models/model.h"

namespace flopmeter::models {

/// Sizes are features.
struct Mamba {
  std::int64_t hidden = 0, layers = 0, vocabulary = 0;
  Recurrence block = {};
  bool tied = true;
};

/// All nodes of one pass, and the parameters. Throws BadInput and CountOverflow.
Model mamba_model(const Mamba& m, const Phase& phase);

/// As of decoders.
Phase mamba_phase(const ModelOptions& options);

}  // namespace flopmeter::models
