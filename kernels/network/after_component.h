// What is done to a node's result, as a layer of its own.
#pragma once

#include <optional>
#include <string_view>

#include "kernels/layer.h"

namespace flopmeter {

/// The function of that name on so many elements; none where it is no function of one number: a sum, a factor, bounds.
std::optional<Component> component_of_after(std::string_view function, std::int64_t elements);

}  // namespace flopmeter
