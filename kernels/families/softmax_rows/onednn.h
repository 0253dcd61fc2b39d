// oneDNN's softmax primitive for both layers. Only their onednn.cpp includes this.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <string_view>

#include "kernels/families/softmax_rows/softmax_rows.h"

namespace flopmeter::softmax_rows {

Preparation prepare_onednn(std::string_view name, dnnl::algorithm, const Shape&, const Setup&,
                           Tensors<float>&);

}  // namespace flopmeter::softmax_rows
