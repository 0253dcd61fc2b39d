// Dimensions that a file leaves open, by name.
#pragma once

#include <string>
#include <vector>

#include "models/onnx/graph.h"

namespace flopmeter::onnx {

/// The name of dimension `i` of an input: its own, or that of the input and the place.
std::string dim_name(const ValueInfo& input, std::size_t i);
bool is_free(const DimProto& dim);

/// "a + b" is {a, b}; a plain name is itself.
std::vector<std::string> atoms_of(std::string_view name);

/// The value of a name or of a sum or product of names; unknown where one is not bound.
Dim bound_dim(const std::string& name, const GraphOptions& options);

/// Inputs that are no initializers.
std::vector<const ValueInfo*> true_inputs(const GraphProto& graph);

/// Throws BadInput with all free names and a line to paste, unless they are bound.
void require_bound(const ModelProto& model, const GraphOptions& options);

}  // namespace flopmeter::onnx
