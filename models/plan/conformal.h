// Intervals from how far predictions were off in cases that nothing was fitted to: split conformal
// prediction (Papadopoulos 2002; Lei et al., JASA 113, 2018) on |log(measured / predicted)|.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace flopmeter::planner {

/// A case that was measured and predicted, seconds.
struct Residual {
  double measured = 0, predicted = 0;
};

/// The factor within which, either way, a new case lies with probability `level`: the residual of
/// rank ceil((n + 1) x level). Too few cases for that rank have none: then it is twice the largest, and
/// at least 2. No cases: 4.
double conformal_factor(std::span<const Residual> residuals, double level);

/// A part of a sum: seconds, what it may be off by as logarithms of measured / predicted, and which parts
/// are off together as they are alike; `times`: what those are multiplied by.
struct UncertainPart {
  double seconds = 0;
  std::span<const double> off;
  std::size_t group = 0;
  double times = 1;
};

/// The factor within which, either way, the sum of the parts lies in that share of many random draws, one
/// for each group, from a fixed seed.
double sum_factor(std::span<const UncertainPart> parts, double level);

}  // namespace flopmeter::planner
