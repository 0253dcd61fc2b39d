// Mamba: blocks of a causal convolution and a selective scan in place of attention.
#pragma once

#include <cstdint>

#include "models/architectures/transformer.h"
#include "models/model.h"

namespace flopmeter::models {

/// Sizes are features.
struct Mamba {
  std::int64_t hidden = 0, layers = 0, vocabulary = 0;
  std::int64_t inner = 0;  // of a block
  std::int64_t states = 16, taps = 4,
               rank = 0;  // of a feature, of its convolution; of the steps' projection
  bool bias = false, convolution_bias = true, tied = true;
};

/// All nodes of one pass, and the parameters. Throws BadInput and CountOverflow.
Model mamba_model(const Mamba& m, const Phase& phase);

/// As of decoders.
Phase mamba_phase(const ModelOptions& options);

}  // namespace flopmeter::models
