// Normalisation by Eigen, for the layers' tables of backends.
#pragma once

#include "kernels/backend.h"
#include "kernels/families/normalization/layout.h"

namespace flopmeter::normalization {

Preparation prepare_with_eigen(const Normalization&, const Setup&, Tensors<float>&);
void count_with_eigen(const Normalization&, Tensors<Counted<float>>&);
/// Throws CountOverflow.
OpCounts stated_with_eigen(const Normalization&);

}  // namespace flopmeter::normalization
