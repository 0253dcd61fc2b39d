// What all normalisation layers have in common besides their definition: operands, counts,
// tolerances.
#pragma once

#include <string_view>
#include <vector>

#include "kernels/dtype.h"
#include "kernels/families/normalization/layout.h"
#include "kernels/formula.h"
#include "kernels/operand.h"

namespace flopmeter::normalization {

using Dims = std::vector<std::int64_t>;

/// Computed statistics have the role `kept`: an output, or saved for the backward passes. Without
/// parameters there is nothing for backward_weights to do, and no operand.
std::vector<Operand> operands(const Normalization&, Pass, const Dims& data, const Dims& statistics,
                              Role kept = Role::saved);

/// What the reference does. Throws CountOverflow.
Formula formula(const Normalization&, Pass);

Tolerance tolerance(const Normalization&, Pass, Dtype);

}  // namespace flopmeter::normalization
