// What padding takes away, axis by axis.
#pragma once

#include <string>
#include <vector>

#include "validate/calculation/closed_form.h"

namespace flopmeter::calculation {

/// Lines that lead from the form of every tap to that of taps on real input: how many pairs of an
/// output position and a kernel position lie on real input along each axis, and their product with
/// the rest of the form. Empty where the layer has no such axes or the product is not `in_bounds`.
std::vector<Line> padding_lines(const Problem& problem, const ClosedForm& dense,
                                std::int64_t in_bounds);

}  // namespace flopmeter::calculation
