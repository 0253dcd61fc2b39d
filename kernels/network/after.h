// What is done to each element of a node's result in the same step, before it is written: a function of
// one number, or the sum with another tensor.
#pragma once

#include <string>
#include <string_view>

namespace flopmeter {

/// `layer` is the unary layer that it is, with its own constants; `clip` goes from `alpha` to `beta`;
/// `add` adds the tensor of the node's edge of that name, which has as many elements as the result.
struct After {
  std::string_view layer;
  float alpha = 0, beta = 0;
  std::string operand = {};
};

}  // namespace flopmeter
