// What a network wants done to a result in the same step, as post-operations of a primitive.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <span>

#include "kernels/network/after.h"
#include "kernels/network/eight_bits.h"

namespace flopmeter::onednn {

/// None where one of them is no post-operation that oneDNN has, or one algorithm would stand there twice with other
/// parameters: generators of 2.6.3 keep one set for each algorithm, and do the second with those of the first. `result`: how it is written in 8 bits, null where in f32:
/// everything is done to real numbers, which are divided by the step last.
std::optional<dnnl::post_ops> post_operations(std::span<const After> after,
                                              const EightBits* result = nullptr);

}  // namespace flopmeter::onednn
