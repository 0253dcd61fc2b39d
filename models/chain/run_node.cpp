#include "models/chain/run_node.h"

#include <algorithm>
#include <stdexcept>

namespace flopmeter::models {

template <class T>
void run_node(const Node& node, const std::function<std::span<T>(TensorId)>& data) {
  if (node.layer == nullptr || !node.after.empty()) {
    throw std::logic_error("no definition of node " + node.label);
  }
  Tensors<T> tensors(std::span<const Operand>{});
  std::vector<std::vector<T>> own;
  for (const Operand& operand : node.layer->operands(node.shape, node.pass)) {
    const auto edge = std::ranges::find(node.edges, operand.name, &Edge::operand);
    if (edge != node.edges.end()) {
      tensors.view(operand.name, operand.role, data(edge->tensor));
    } else if (written(operand.role)) {
      tensors.view(operand.name, operand.role,
                   own.emplace_back(static_cast<std::size_t>(elements(operand))));
    }
  }
  node.layer->reference(node.shape, node.pass, tensors);
}

template void run_node<float>(const Node&, const std::function<std::span<float>(TensorId)>&);
template void run_node<double>(const Node&, const std::function<std::span<double>(TensorId)>&);

}  // namespace flopmeter::models
