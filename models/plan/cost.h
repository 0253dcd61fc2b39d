// What a class of nodes costs on a machine where no shape is odd:
//   seconds = fixed + a x work + b x weights + c x activations
// with the numbers that its points are fitted best by. The roofline takes the machine's best for a and b, which
// hardly any kernel has, so that how far a node is from it depends on its shape much more.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "models/plan/node_class.h"

namespace flopmeter::planner {

/// 1, the work (FLOPs or bytes) and what else the class counts: elements of weights, of activations, steps.
std::vector<double> cost_amounts(const NodeClass& kind, const Place& at, double work);

/// Seconds for one of each amount, none below 0, by least squares of what each is off by as a share. Empty where
/// there are fewer than two cases for each amount.
std::vector<double> fitted_cost(std::span<const std::vector<double>> amounts,
                                std::span<const double> seconds);

double cost_seconds(std::span<const double> cost, std::span<const double> amounts);

}  // namespace flopmeter::planner
