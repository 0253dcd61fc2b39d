// The equation of an Einsum, taken apart.
#pragma once

#include <string>
#include <vector>

#include "models/onnx/node.h"

namespace flopmeter::onnx {

/// "bij,bjk->bik": a letter for each dimension, also for those that an ellipsis stands for.
struct Equation {
  std::vector<std::string> inputs;
  std::string output;
};

/// Throws BadInput where terms and inputs do not belong together.
Equation read_equation(const NodeView& n);

}  // namespace flopmeter::onnx
