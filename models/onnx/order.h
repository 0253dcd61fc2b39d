// An order of nodes in which every input is made before it is read.
#pragma once

#include <vector>

#include "models/onnx/wire/proto.h"

namespace flopmeter::onnx {

/// Places of nodes in that order, the file's where it is one. Throws BadInput naming a node of a cycle;
/// names that nobody writes are left to be found later.
std::vector<std::size_t> order_of(const std::vector<NodeProto>& nodes);

}  // namespace flopmeter::onnx
