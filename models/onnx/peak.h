// How much memory activations need at their peak.
#pragma once

#include "models/model.h"
#include "models/onnx/graph.h"

namespace flopmeter::onnx {

/// Bytes of all tensors that are alive at once, at the most, when nodes run in the file's order, every
/// tensor lives from its writer to its last reader, and views cost nothing. Says so where sizes are not
/// known.
void set_activation_peak(const Graph& graph, models::Model& model);

}  // namespace flopmeter::onnx
