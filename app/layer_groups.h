// Layers in the groups that a newcomer looks for.
#pragma once

#include <string_view>
#include <vector>

#include "kernels/layer.h"

namespace flopmeter {

struct LayerGroup {
  std::string_view title;
  bool alike;  // shapes are written alike: names in one paragraph, with one example
  std::vector<const AnyLayer*> layers;
};

/// Every layer once, in the order of the groups. What no group has is in the last one.
std::vector<LayerGroup> grouped_layers();

}  // namespace flopmeter
