// Fewer and longer rows of the same operation.
#pragma once

#include "kernels/families/broadcast/broadcast.h"

namespace flopmeter::broadcast {

/// Neighbouring dimensions that are repeated alike, as one: 1x64x56x56:1x64x1x1 is 64x3136:64x1.
/// The elements lie where they lay.
Shape merged(const Shape&);

}  // namespace flopmeter::broadcast
