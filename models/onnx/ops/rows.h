// Tensors as rows: what lies behind an axis is one.
#pragma once

#include "models/onnx/operator.h"
#include "models/onnx/ops/window.h"

namespace flopmeter::onnx {

/// The attribute `axis`, the last one unless given.
std::size_t row_axis(const NodeView& n);

/// Rows and what is in one.
Fields row_fields(const std::vector<std::int64_t>& x, std::size_t axis);

}  // namespace flopmeter::onnx
