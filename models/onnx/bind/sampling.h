// Maxima of windows with the places that they stand at.
#pragma once

#include "models/onnx/bind/steps.h"

namespace flopmeter::onnx {

/// MaxPool with both of its results.
void bind_max_with_places(const Binding& b);

}  // namespace flopmeter::onnx
