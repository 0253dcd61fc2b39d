// A language model as a network of plain layers, no cache: what a run with one is held against.
#pragma once

#include <cstdint>
#include <vector>

#include "models/chain/network_file.h"
#include "models/language/weights.h"

namespace flopmeter::models {

/// All `ids.size()` tokens of one sequence in one pass; its result "logits" is tokens x vocabulary. `weights` must
/// outlive it; their numbers are unpacked node by node. Of as many layers as the weights have.
NetworkFile plain_network(const LanguageModel& model, const LanguageWeights& weights,
                          std::vector<std::int64_t> ids);

}  // namespace flopmeter::models
