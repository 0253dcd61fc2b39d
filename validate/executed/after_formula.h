// What the formula says of functions that are done to a layer's result in the same step.
#pragma once

#include <span>

#include "kernels/case.h"
#include "kernels/network/after.h"

namespace flopmeter {

/// Elements of the subject's result; 0 where it has none.
std::int64_t results_of(const Case& subject);

/// Of all of them. A sum is an add an element, a factor a multiply, two bounds are two comparisons.
OpCounts formula_of_after(const Case& subject, std::span<const After> after);

}  // namespace flopmeter
