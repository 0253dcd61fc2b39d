// Small rules that several layers share.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "kernels/dtype.h"
#include "kernels/formula.h"

namespace flopmeter {

/// Tolerance of a sum of `terms` products of factors in (-1, 1), accumulated in f32 in any order
/// and stored as `dtype`. The partial sums of random-sign terms grow as sqrt(n)/3 and their
/// rounding errors add up at random, so the error stays well below n * 2^-24; four times that
/// leaves room for any order of summation and is far below what one wrong tap does (about 0.25).
Tolerance sum_tolerance(std::int64_t terms, Dtype dtype);

/// Tolerance of sums over sums, each as long as `lengths` says and of the results of the one
/// before: rounding errors and values grow with the square root of the terms, as those of random
/// sign do.
Tolerance nested_sums_tolerance(std::initializer_list<std::int64_t> lengths, Dtype dtype);

/// Throws BadInput unless the value is 0 or 1.
void check_flag(std::string_view layer, std::string_view key, std::int64_t value);

}  // namespace flopmeter
