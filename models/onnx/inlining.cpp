// Functions of a model in place of the nodes that call them.
#include <algorithm>

#include "kernels/bad_input.h"
#include "models/onnx/builder.h"
#include "models/onnx/order.h"

namespace flopmeter::onnx {
namespace {

std::string function_key(std::string_view domain, std::string_view name,
                         std::string_view overload) {
  return fmt::format("{}\n{}\n{}", domain, name, overload);
}

/// Attributes of a function's body that refer to those of the call.
NodeProto resolved(const NodeProto& node, const NodeProto& call, const FunctionProto& function) {
  NodeProto copy = node;
  std::erase_if(copy.attributes, [&](AttributeProto& attribute) {
    const std::string_view ref = attribute.ref();
    if (ref.empty()) {
      return false;
    }
    const std::string_view name = attribute.name;
    auto found = std::ranges::find(call.attributes, ref, &AttributeProto::name);
    if (found == call.attributes.end()) {
      found = std::ranges::find(function.defaults, ref, &AttributeProto::name);
      if (found == function.defaults.end()) {
        return true;
      }
    }
    attribute = *found;
    attribute.name = name;
    return false;
  });
  return copy;
}

}  // namespace

GraphBuilder::GraphBuilder(const ModelProto& model, const GraphOptions& options)
    : model_(model), options_(options), external_{options.folder} {
  for (const FunctionProto& function : model.functions) {
    functions_.emplace(function_key(function.domain, function.name, function.overload), &function);
  }
}

const FunctionProto* GraphBuilder::function_of(const NodeProto& node) const {
  if (functions_.empty()) {
    return nullptr;
  }
  const auto found = functions_.find(function_key(node.domain, node.op, node.overload));
  return found == functions_.end() ? nullptr : found->second;
}

void GraphBuilder::inline_function(Scope& scope, const NodeProto& node,
                                   const FunctionProto& function) {
  if (scope.depth >= max_depth) {
    bad_input("functions call one another more than {} deep", max_depth);
  }
  Scope inner;
  inner.depth = scope.depth + 1;
  inner.path = name_in(scope, node);
  inner.uses = scope.uses;
  for (const OpsetProto& opset : function.opsets) {
    inner.versions.emplace(opset.domain, opset.version);
  }
  for (const OpsetProto& opset : model_.opsets) {
    inner.versions.emplace(opset.domain, opset.version);
  }
  for (std::size_t i = 0; i < function.inputs.size(); ++i) {
    const std::string_view given = i < node.inputs.size() ? node.inputs[i] : std::string_view{};
    const int place = given.empty() ? nobody : scope.find(given);
    if (!given.empty() && place == nobody) {
      bad_input("its input '{}' is made by nobody", given);
    }
    inner.tensors.emplace(function.inputs[i], place);
  }
  const std::size_t first = graph_.made.size();
  for (const NodeProto& body : function.nodes) {
    NodeProto copy = resolved(body, node, function);
    // An input that the call leaves out is left out inside.
    for (std::string_view& input : copy.inputs) {
      const auto found = inner.tensors.find(input);
      if (found != inner.tensors.end() && found->second == nobody) {
        input = {};
      }
    }
    graph_.made.push_back(std::move(copy));
  }
  const std::vector<NodeProto> nodes(graph_.made.begin() + static_cast<std::ptrdiff_t>(first),
                                     graph_.made.end());
  for (const std::size_t i : order_of(nodes)) {
    add_node(inner, graph_.made[first + i]);
  }
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    const int place = i < function.outputs.size() ? inner.find(function.outputs[i]) : nobody;
    if (place == nobody) {
      bad_input("function '{}' does not make its result {}", function.name, i);
    }
    if (!node.outputs[i].empty() && !scope.tensors.emplace(node.outputs[i], place).second) {
      bad_input("the name '{}' is given to two tensors", node.outputs[i]);
    }
  }
}

}  // namespace flopmeter::onnx
