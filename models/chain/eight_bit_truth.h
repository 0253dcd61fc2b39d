// Whether nodes that run in 8-bit integers do what these integers say.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "models/chain/chain_run.h"

namespace flopmeter::models {

/// A node's result against its layer's definition in double, on the integers that its own source and weights are in
/// that run. Sums of integers are exact; what may differ is rounding of f32, far less than a step.
struct EightBitNode {
  std::string name;
  double max_error = 0, tolerance = 0, largest = 0;
  bool agrees = false;
  std::string reason = {};
};

/// A run in which every tensor between nodes is kept.
struct EightBitRun {
  std::vector<EightBitNode> nodes;  // those that ran in 8 bits, in order
  std::vector<std::pair<std::string, std::vector<float>>> results;  // of the network
};
EightBitRun check_eight_bits(const Chain& chain, int threads);

}  // namespace flopmeter::models
