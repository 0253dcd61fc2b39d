// Layers that exporters wrote as primitives, recognised as what they are.
#pragma once

#include <string>
#include <vector>

#include "models/onnx/graph.h"

namespace flopmeter::onnx {

/// Makes one node of the nodes of each pattern found: the last of them stands for all, the others point
/// to it. Only patterns whose inner results nobody else reads are taken. A line a kind: "12 x
/// layernorm of 9 nodes".
std::vector<std::string> recognise(Graph& graph);

}  // namespace flopmeter::onnx
