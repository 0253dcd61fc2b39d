// The numbers that a case is run with.
#pragma once

#include "kernels/case.h"

namespace flopmeter {

/// Everything that the pass reads, and room for what it writes (NaN). What a backward pass reads of
/// the results of passes before it is computed by the reference from the same inputs, so that they
/// fit together. The forward pass's outputs are rounded to 8 significant bits like all other
/// inputs. s8 has inputs that are exact in 8-bit integers; all other dtypes share theirs. The same
/// seed gives the same numbers.
Tensors<float> make_inputs(const Problem& problem, Pass pass, Dtype dtype, std::uint64_t seed);

/// Whether the two dtypes are run with the same inputs, and so have the same truth.
bool same_inputs(Dtype a, Dtype b);

}  // namespace flopmeter
