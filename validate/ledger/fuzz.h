// Random legal shapes of a layer, and the smallest shape that still shows a failure.
#pragma once

#include <cstdint>
#include <functional>
#include <random>

#include "kernels/case.h"

namespace flopmeter {

/// A legal shape drawn from the ranges of the layer's field table. Fields often repeat one
/// another's value, because special cases (square, depthwise, one channel a group) live where
/// fields agree.
Problem draw_problem(const AnyLayer& layer, std::mt19937_64& random);

/// A legal shape, no larger in any field, for which `fails` still holds and of which no single
/// field can be made smaller (tried: its least value, half of it, one less). `fails` must hold at
/// first.
Problem shrink(Problem problem, const std::function<bool(const Problem&)>& fails);

}  // namespace flopmeter
