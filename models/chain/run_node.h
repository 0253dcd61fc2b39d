// One node of a network, by its layer's definition.
#pragma once

#include <functional>
#include <span>

#include "kernels/network/network.h"

namespace flopmeter::models {

/// Runs the reference on the tensors that the node is bound to. What it saves and nobody reads lies
/// in memory of its own. A node that has more done to its result is an error.
template <class T>
void run_node(const Node& node, const std::function<std::span<T>(TensorId)>& data);

/// The same in double; convolutions and products of 2^20 MACs or more by Eigen, on so many threads.
void run_in_double(const Node& node, const std::function<std::span<double>(TensorId)>& data,
                   int threads);

}  // namespace flopmeter::models
