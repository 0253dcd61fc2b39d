// The elements of a stored tensor, where it is small enough to compute shapes with.
#pragma once

#include <string>

#include "models/onnx/tensor.h"

namespace flopmeter::onnx {

/// The folder of the model, for tensors that lie in files of their own; null: they are not read.
struct ExternalData;

/// Null for a tensor that is too large, of strings or complex numbers, or stored elsewhere. Throws
/// BadInput naming it when its data is shorter than its shape.
Contents read_content(const TensorProto& tensor, const ExternalData* external);

}  // namespace flopmeter::onnx
