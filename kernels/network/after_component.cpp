#include "kernels/network/after_component.h"

#include <algorithm>

namespace flopmeter {

std::optional<Component> component_of_after(std::string_view function, std::int64_t elements) {
  const auto found = std::ranges::find(layers(), function, &AnyLayer::name);
  if (found == layers().end() || found->fields.empty() || found->fields.front().key != "mb") {
    return std::nullopt;
  }
  Values values;
  for (const FieldInfo& field : found->fields) {
    values.push_back(field.key == "mb" ? 1 : field.key == "ic" ? elements : field.otherwise);
  }
  return Component{&*found, found->complete(values)};
}

}  // namespace flopmeter
