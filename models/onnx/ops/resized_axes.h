// Which axes a Resize or an Upsample is about.
#pragma once

#include <cstddef>
#include <vector>

#include "models/onnx/node.h"

namespace flopmeter::onnx {

/// Those of its attribute, in their order; without it all. Throws as NodeView::axis.
std::vector<std::size_t> resized_axes(const NodeView& n);

}  // namespace flopmeter::onnx
