// The chain: what of a network runs as one primitive each, in order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernels/network/eight_bits.h"
#include "models/chain/network_file.h"

namespace flopmeter::models {

/// What runs as one primitive: one or more nodes of the file.
struct FusedNode {
  std::string name;                     // of the node that it began with
  std::vector<std::string> fused = {};  // names of all the nodes in it, that one first
  std::vector<std::string> rules = {};  // names of the rules that put them together
  const AnyLayer* layer = nullptr;
  Values shape = {};
  Pass pass = Pass::forward;
  Dtype dtype = Dtype::f32;  // that it is asked for in; a backend may have to take f32
  /// What is done to each result after the layer, "relu", "add", "clip 0 6", in that order.
  std::vector<std::string> after = {};
  // Elements times the size of a dtype: without what a layout is padded with.
  std::int64_t weight_bytes = 0;  // constants that it reads
  std::int64_t read_bytes = 0;    // activations and inputs that it reads, each once, sums included
  std::int64_t write_bytes = 0;   // results
};

/// `network` has a node for each fused node, in the same order, and `numbers` as NetworkFile has them: constants
/// that were folded are computed from the file's.
struct Chain {
  Network network;
  std::vector<Numbers> numbers;
  std::vector<FusedNode> nodes;
  /// By node, none where it is computed in real numbers; empty where all are. Weights of the others are multiples of
  /// their steps.
  std::vector<std::shared_ptr<const EightBits>> eight_bits = {};
};

/// Fuses by the table of rules (models/chain/rules.h); for s8, 8-bit steps that stand in the file as well. Throws
/// BadInput.
Chain make_chain(const NetworkFile& file, Dtype dtype);

}  // namespace flopmeter::models
