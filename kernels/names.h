// Names of layers as people write them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/layer.h"

namespace flopmeter {

/// The layer of that name, or of another name that has one meaning ("gemm", "layer_norm", "mha");
/// null when there is none.
const AnyLayer* layer_called(std::string_view name);

/// The names that are nearest to what was written, nearest first; at most `most`.
std::vector<std::string_view> nearest_layers(std::string_view name, std::size_t most);

/// A shape of the layer, as it may be written.
std::string example_shape(const AnyLayer& layer);

/// The message, with an example of a shape where it has none.
std::string with_example(const AnyLayer& layer, const std::string& message);

/// Throws BadInput naming the nearest layers and how their shapes are written.
[[noreturn]] void unknown_layer(std::string_view name);

}  // namespace flopmeter
