// What the formula says of functions that are done to a layer's result in the same step.
#pragma once

#include <optional>
#include <span>

#include "kernels/case.h"
#include "kernels/network/after.h"

namespace flopmeter {

/// The function as a layer of its own, on as many elements as the subject's result has; none where it is
/// none: a sum, a factor, bounds.
std::optional<Component> component_of(const Case& subject, const After& after);

/// Elements of the subject's result; 0 where it has none.
std::int64_t results_of(const Case& subject);

/// Of all of them. A sum is an add an element, a factor a multiply, two bounds are two comparisons.
OpCounts formula_of_after(const Case& subject, std::span<const After> after);

}  // namespace flopmeter
