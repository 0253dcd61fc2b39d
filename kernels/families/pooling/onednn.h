// The pooling primitives of oneDNN, for all layers whose windows slide.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "kernels/backend.h"
#include "kernels/families/pooling/shape.h"

namespace flopmeter::pooling {

/// Max pooling has the operands diff_dst, argmax and diff_src backward, average pooling not the
/// second.
Preparation prepare_sliding(const Shape&, dnnl::algorithm, const Setup&, Tensors<float>&);

}  // namespace flopmeter::pooling
