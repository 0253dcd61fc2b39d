// Eigen's product as its documentation writes it.
#pragma once

#include <cstdint>

#include "bench/experiments/overhead/contest.h"

namespace flopmeter::overhead {

/// C = A * B, m x k by k x n, row by row, one thread.
Sampler bare_eigen_product(std::int64_t m, std::int64_t k, std::int64_t n);

/// C = A * B^T, m x k by n x k, row by row, one thread: what a linear layer is.
Sampler bare_eigen_linear(std::int64_t m, std::int64_t k, std::int64_t n);

}  // namespace flopmeter::overhead
