// Big products in double by Eigen: what definitions say, where plain loops would take minutes for it.
#pragma once

#include "kernels/layer.h"

namespace flopmeter::eigen {

/// The forward pass of a convolution, linear layer or product into the tensors' `dst`, on so many threads.
/// False, and nothing is done, for every other layer.
bool product_in_double(const AnyLayer& layer, const Values& values, Tensors<double>& tensors,
                       int threads);

}  // namespace flopmeter::eigen
