// The product of matrices as oneDNN's matmul, for layers that are one as well.
#pragma once

#include "kernels/matmul/matmul.h"
#include "kernels/onednn/prepare.h"

namespace flopmeter::matmul {

/// Operands are src, weights, bias and dst, row-major as the shape says. Throws dnnl::error.
onednn::PrimitivePlan forward_plan(const Shape& s, const onednn::Types& types);

}  // namespace flopmeter::matmul
