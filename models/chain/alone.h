// One node of a chain as a network of its own.
#pragma once

#include "models/chain/chain.h"

namespace flopmeter::models {

/// Node `i` with its constants; what it reads of other nodes is an input of zeros, what it makes a result.
Chain alone(const Chain& chain, std::size_t i);

/// What tells whether two nodes take the same time alone: layer, shape, and what is done to the result.
std::string alone_key(const FusedNode& node);

}  // namespace flopmeter::models
