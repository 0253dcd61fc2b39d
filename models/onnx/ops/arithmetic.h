// Functions of two small tensors evaluated, as shapes are computed with them.
#pragma once

#include <string_view>

#include "models/onnx/tensor.h"

namespace flopmeter::onnx {

/// "Mod(a,b)": equal operands give equal names.
Dim unknown_of(std::string_view op, const Dim& a, const Dim& b);

/// Known dimensions of few enough elements.
bool small(const Dims& dims);

/// Broadcast to `out`; null where the operator is not evaluated, or the elements are not alike.
Contents fold_pair(std::string_view op, const Dims& out, const Dims& a_dims, const Content& a,
                   const Dims& b_dims, const Content& b);

}  // namespace flopmeter::onnx
