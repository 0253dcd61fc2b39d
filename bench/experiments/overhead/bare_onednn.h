// oneDNN's primitives called as its examples call them, without anything of ours around them.
#pragma once

#include <cstdint>

#include "bench/experiments/overhead/contest.h"

namespace flopmeter::overhead {

/// n x n x n.
Sampler bare_onednn_matmul(std::int64_t n);

/// 3 x 3, padding 1, with bias, on an image of `size` x `size`.
Sampler bare_onednn_conv(std::int64_t channels, std::int64_t size);

}  // namespace flopmeter::overhead
