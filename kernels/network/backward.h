// The backward passes of a network, which are networks themselves.
#pragma once

#include "kernels/network/network.h"

namespace flopmeter {

/// backward_data: the nodes from last to first; given are the gradients of the outputs ("diff_dst"),
/// results are those of the inputs. A tensor that several nodes read has a gradient that is a sum,
/// made by nodes of its own. backward_weights: every node that has parameters. Both read what the
/// forward pass has made under its names. Throws BadInput for a node without a layer or without that
/// pass.
Network backward_of(const Network& forward, Pass pass);

}  // namespace flopmeter
