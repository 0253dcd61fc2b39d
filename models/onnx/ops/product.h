// Matrix products as layers, and the shapes of their operands as they are multiplied.
#pragma once

#include "models/onnx/operator.h"

namespace flopmeter::onnx {

/// Where the operands of a product stand.
struct ProductInputs {
  std::size_t a = 0, b = 1;
};

/// The result of MatMul of these dimensions, batches broadcast. Throws BadInput where they do not fit.
Dims matmul_dims(Dims a, Dims b);

/// A product of these operands: each row of A meets all of a constant matrix B, which is a linear layer.
Lowered lower_product(const NodeView& n, const Dims& a, const Dims& b, ProductInputs at);

/// Throws BadInput where A has other columns than B has rows.
void check_depth(const Dim& a, const Dim& b);

struct GemmShape {
  Dim m, k, n;
};

/// Of the matrices at these places, transposed as transA and transB say.
GemmShape gemm_shape(const NodeView& n, ProductInputs at);

/// Rows times a constant matrix.
LayerUse linear_use(std::int64_t rows, std::int64_t in, std::int64_t out, bool bias);

/// "2x3x4:4x5".
LayerUse matmul_use(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b,
                    bool bias = false);

/// An activation that ONNX Runtime fused into a node, by its attribute; a reason where no layer has it.
void append_activation(const NodeView& n, Lowered& lowered);

}  // namespace flopmeter::onnx
