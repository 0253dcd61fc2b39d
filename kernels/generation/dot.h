// One row of stored weights times a vector of f32.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/generation/format.h"

namespace flopmeter::generation {

/// The sums of each 32 numbers of a vector, which formats with a number that stands for 0 need; `n` / 32 of them.
void sums_of_blocks(const float* x, std::int64_t n, float* sums);

/// sum_i w[i] * x[i], in f32: weights become numbers in registers, no more than the stored bytes are read.
using Dot = float (*)(const std::byte* w, const float* x, const float* sums, std::int64_t n);

Dot dot_of(Format format);

}  // namespace flopmeter::generation
