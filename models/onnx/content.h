// The elements of a stored tensor, where it is small enough to compute shapes with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/onnx/tensor.h"

namespace flopmeter::onnx {

/// The folder of the model, for tensors that lie in files of their own; null: they are not read.
struct ExternalData;

/// Null for a tensor that is too large, of strings or complex numbers, or stored elsewhere. Throws
/// BadInput naming it when its data is shorter than its shape.
Contents read_content(const TensorProto& tensor, const ExternalData* external);

/// All elements of a tensor of any size, in f32; nothing where its data lie in a file that is not
/// there. Throws BadInput naming it.
std::optional<std::vector<float>> read_numbers(const TensorProto& tensor,
                                               const ExternalData& external);

/// The same of what is known of a tensor.
std::vector<float> numbers_of(const Content& content, std::size_t size, std::string_view name);

}  // namespace flopmeter::onnx
