// Rows of stored weights times a vector of f32.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/generation/format.h"

namespace flopmeter::generation {

/// The sums of each 32 numbers of a vector, which formats with a number that stands for 0 need; `n` / 32 of them.
void sums_of_blocks(const float* x, std::int64_t n, float* sums);

/// Rows at once: each is a stream of its own from memory, and x is read once for all of them.
inline constexpr int dot_rows = 4;

/// y[r] = sum_i w[r][i] * x[i], in f32: weights become numbers in registers, no more than the stored bytes are read.
using Dot = void (*)(const std::byte* const* w, const float* x, const float* sums, std::int64_t n,
                     float* y);

/// Of one row, or of dot_rows.
Dot dot_of_one(Format format);
Dot dot_of_several(Format format);

}  // namespace flopmeter::generation
