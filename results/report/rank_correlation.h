// Spearman's rank correlation: does one quantity order things as another one does?
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace flopmeter::report {

/// The rank of each value, from 1; equal values share the mean of their ranks.
std::vector<double> ranks(std::span<const double> values);

/// Spearman's rho: the linear correlation of the ranks, -1 to 1. Empty for fewer than three pairs,
/// or where all values of one side are equal. Both sides have the same length.
std::optional<double> spearman(std::span<const double> x, std::span<const double> y);

}  // namespace flopmeter::report
