// Broadcasting, and the layers of functions of one and two tensors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/onnx/node.h"

namespace flopmeter::onnx {

/// Dimensions of a and b together, the last ones aligned. An unknown one beside a known one above 1 is
/// that one. Throws BadInput for dimensions that do not fit.
Dims broadcast(const Dims& a, const Dims& b);

/// For element `i` of a tensor of dimensions `out`, which element of one of dimensions `in` it reads.
/// Everything is known.
std::int64_t source_of(std::int64_t i, const Dims& out, const Dims& in);

/// "2x3x4", and "1" for a scalar.
std::string shape_text(const std::vector<std::int64_t>& sizes);

/// A function of one tensor, of `count` elements, as a layer's use.
LayerUse unary_use(std::string_view layer, std::int64_t count, std::string label = {});
/// A function of two, broadcast.
LayerUse binary_use(std::string_view layer, std::vector<std::int64_t> a,
                    std::vector<std::int64_t> b, std::string label = {});

}  // namespace flopmeter::onnx
