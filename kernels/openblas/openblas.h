// Products by OpenBLAS, on the tensors where they lie; f32.
#pragma once

#include "kernels/linear/linear.h"
#include "kernels/matmul/matmul.h"

namespace flopmeter::openblas {

/// Rows of a layer's table of backends. Where the library is not there they say so.
Preparation prepare(const linear::Shape&, const Setup&, Tensors<float>&);
Preparation prepare(const matmul::Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::openblas
