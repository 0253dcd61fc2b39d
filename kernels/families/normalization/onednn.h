// Normalisation of groups of channels by oneDNN, which has none: composed of what it has.
#pragma once

#include "kernels/backend.h"
#include "kernels/families/normalization/layout.h"

namespace flopmeter::normalization {

/// For layouts of `group_wise`.
Preparation prepare_groups_with_onednn(const Normalization&, const Setup&, Tensors<float>&);

}  // namespace flopmeter::normalization
