// What a network wants done to a result in the same step, as post-operations of a primitive.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <span>

#include "kernels/network/after.h"

namespace flopmeter::onednn {

/// None where one of them is no post-operation that oneDNN has.
std::optional<dnnl::post_ops> post_operations(std::span<const After> after);

}  // namespace flopmeter::onednn
