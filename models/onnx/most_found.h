// How much an operator may find whose result is as long as its data have it.
#pragma once

#include <optional>

#include "models/onnx/node.h"

namespace flopmeter::onnx {

/// None of other operators, and where it is not known. Throws Undetermined where only a run knows the most.
std::optional<std::int64_t> most_found(const NodeView& node);

}  // namespace flopmeter::onnx
