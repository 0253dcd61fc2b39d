// What a row of the operator table knows of its operator: attributes, their values, and how many inputs.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "models/onnx/node.h"

namespace flopmeter::onnx {

/// `operators` are names, divided by blanks, that share one answer. `attributes` are names too, of which
/// "mode=linear|cubic" is understood with these values alone; others with any, since they change
/// neither shapes nor counts or the operator's row looks at them.
struct Accepted {
  std::string_view domain;
  std::string_view operators;
  std::size_t inputs;
  std::string_view attributes;
};

std::span<const Accepted> accepted_table();

/// Whether the table has the operator.
bool has_accepted(std::string_view domain, std::string_view op);

/// Why a node is not what its operator's row takes it for: an attribute, a value or an input that the
/// table does not have. Empty where there is nothing.
std::string unaccepted(const NodeView& node);

}  // namespace flopmeter::onnx
