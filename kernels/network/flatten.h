// A network without nodes that are networks themselves.
#pragma once

#include "kernels/network/network.h"

namespace flopmeter {

/// Nodes of layers that are made of others give way to the nodes of those, as deep as it goes. Their
/// labels, and the tensors that belong to them alone, have the label before them: "attention/q".
Network flattened(const Network& network);

}  // namespace flopmeter
