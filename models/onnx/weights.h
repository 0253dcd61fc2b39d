// Which stored tensors are parameters, and which inputs of a file without weights stand for them.
#pragma once

#include <string_view>
#include <unordered_set>

#include "models/onnx/graph.h"

namespace flopmeter::onnx {

/// Inputs that stand for weights: a file that was exported without them names them among its inputs.
/// They are known by where they go (the weights of a convolution, a table, ...); when one is found, all
/// further inputs of real numbers and fixed sizes are weights too. Empty for files with weights.
std::unordered_set<std::string_view> weight_inputs(const GraphProto& graph);

/// Whether input `slot` of an operator takes parameters, and not a scale, a limit or a running mean.
bool takes_parameters(const NodeProto& node, std::size_t slot);

}  // namespace flopmeter::onnx
