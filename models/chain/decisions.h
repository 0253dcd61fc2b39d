// Results that jump where their sources are a little off: the larger of two numbers, places of the largest ones,
// boxes that are kept, whole numbers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "models/chain/chain.h"

namespace flopmeter::models {

/// What a run decided, by the names of tensors.
using Decisions = std::map<std::string, std::vector<float>, std::less<>>;

/// Whether the node's results are of that kind.
bool decides(const Node& node);

/// Of one run of the chain with the numbers it has; empty where no node decides.
Decisions decisions_of(const Chain& chain, Dtype dtype, int threads);

/// Takes what the run decided for what the definition makes of the numbers in `data`, where these are so near to the
/// border that errors of up to `error` of each real number may decide; `data` are the node's tensors in double, results
/// included. How many results are another number then.
std::int64_t follow(const Node& node, const Network& network, const Decisions& decisions,
                    const std::function<std::span<double>(TensorId)>& data,
                    const std::function<double(TensorId)>& error);

}  // namespace flopmeter::models
