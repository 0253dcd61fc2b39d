// The factors of a product of dimensions, named as one says them: positions, pairs of channels, taps.
#pragma once

#include <vector>

#include "validate/calculation/closed_form.h"

namespace flopmeter::calculation {

/// A line for each factor, whose product is the form's value; empty where the form is no plain
/// product of dimensions, or has one factor only.
std::vector<Line> factor_lines(const Problem& problem, const ClosedForm& form);

}  // namespace flopmeter::calculation
