// Runs a network on one backend.
#pragma once

#include <string_view>

#include "kernels/network/network.h"

namespace flopmeter {

/// Every node by the backend of that name; unavailable where one of them is. `tensors` has the
/// network's inputs, constants and outputs under their names and must outlive what is returned, as
/// what is between nodes lies in memory of its own.
///
/// Constants are brought into the backend's layouts here, and again by `feed`, never by `run`. An
/// input lies as its first reader takes it, any other tensor as its writer left it, and where a
/// reader takes it otherwise, a part of `run` brings it there; all are made here. The implementation
/// is that of the nodes, each once, and what was brought from one layout to another.
Preparation prepare_network(const Network& network, std::string_view backend, const Setup& setup,
                            Tensors<float>& tensors);

}  // namespace flopmeter
