// The functions of a recurrent node, with constants of its own.
#pragma once

#include <string>
#include <vector>

#include "models/onnx/bind/steps.h"

namespace flopmeter::onnx {

struct CellActivation {
  std::string name;  // in lower case
  double alpha = 0, beta = 0;
};

/// Of all directions, one behind the other: those of the attribute, or `usual` for each direction. Constants are taken
/// in turn by the functions that have any, as ONNX says, else they are those of the operator of that name. Throws
/// BadInput.
std::vector<CellActivation> cell_activations(const NodeView& node,
                                             const std::vector<std::string>& usual,
                                             std::size_t directions);

Value activated(Steps& steps, const Value& x, const CellActivation& by);

}  // namespace flopmeter::onnx
