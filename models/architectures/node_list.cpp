#include "models/architectures/node_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "counters/op_counts.h"
#include "kernels/bad_input.h"

namespace flopmeter::models {

void NodeList::push(std::string_view name, std::string_view layer, const std::string& shape) {
  ModelNode node{.name = path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name),
                 .path = path_,
                 .operation = std::string(layer)};
  const AnyLayer* found = layer_or_null(layer);
  if (found == nullptr) {
    node.reason = fmt::format("no layer counts {} ({})", layer, shape);
  } else {
    try {
      node.values = found->parse(shape);
      node.layer = found;
    } catch (const BadInput& error) {
      node.reason = fmt::format("the layer does not take it: {}", error.what());
    }
  }
  model_.nodes.push_back(std::move(node));
}

void NodeList::add(std::string_view name, std::string_view layer, const FieldValues& fields) {
  std::string shape;
  for (const auto& [key, value] : fields) {
    shape += fmt::format("{}{}", key, value);
  }
  push(name, layer, shape);
}

void NodeList::add(std::string_view name, std::string_view layer, const std::string& shape) {
  push(name, layer, shape);
}

void NodeList::linear(std::string_view name, std::int64_t rows, std::int64_t in, std::int64_t out,
                      bool bias) {
  add(name, "linear", {{"mb", rows}, {"ic", in}, {"oc", out}, {"bias", bias ? 1 : 0}});
  parameters(checked_add(checked_multiply(in, out), bias ? out : 0));
}

void NodeList::parameters(std::int64_t count) {
  model_.parameters = checked_add(model_.parameters, shared_ ? 0 : count);
}

void NodeList::reason(std::string text) {
  if (model_.nodes.back().reason.empty()) {
    model_.nodes.back().reason = std::move(text);
  }
}

Model NodeList::finish() && { return std::move(model_); }

bool has_field(std::string_view layer, std::string_view key) {
  const AnyLayer* found = layer_or_null(layer);
  return found != nullptr && std::ranges::any_of(found->fields, [&](const FieldInfo& field) {
           return field.key == key;
         });
}

}  // namespace flopmeter::models
