// Which functions that are done to a result in the same step are one and the same with other parameters.
#pragma once

#include <string_view>

namespace flopmeter {

/// The function that a layer is one case of. Of each a step has one at the most: oneDNN 2.6.3's generated code keeps one
/// set of parameters for each, and does a second clip between the bounds of the first.
constexpr std::string_view function_of(std::string_view layer) {
  return layer == "relu6" || layer == "hardtanh" ? "clip" : layer == "leaky_relu" ? "relu" : layer;
}

}  // namespace flopmeter
