// oneDNN's binary primitive for both layers. Only their onednn.cpp includes this.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "kernels/families/broadcast/broadcast.h"

namespace flopmeter::broadcast {

/// The operation must commute: oneDNN repeats its second source only, so that is the smaller one.
Preparation prepare_onednn(dnnl::algorithm, const Shape&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::broadcast
