#pragma once

#include <algorithm>
#include <string_view>

#include "kernels/layer.h"

namespace flopmeter {

/// The integer of a shape by its key; `otherwise` where the layer has none of that name.
inline std::int64_t named_value(const AnyLayer& layer, const Values& values, std::string_view key,
                                std::int64_t otherwise) {
  const auto found = std::ranges::find(layer.fields, key, &FieldInfo::key);
  return found == layer.fields.end()
             ? otherwise
             : values.at(static_cast<std::size_t>(found - layer.fields.begin()));
}

}  // namespace flopmeter
