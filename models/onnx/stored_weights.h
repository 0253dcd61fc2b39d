// Parameters of a file and what they take in it, by type.
#pragma once

#include "models/model.h"
#include "models/onnx/graph.h"

namespace flopmeter::onnx {

/// Adds the stored tensors that some operator takes as parameters, each once: their number, and their
/// bytes with the scales that weights of few bits have beside them.
void add_weights(const Graph& graph, models::Model& model);

}  // namespace flopmeter::onnx
