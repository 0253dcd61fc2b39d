#include "models/chain/run_node.h"

#include <algorithm>
#include <stdexcept>

#include "kernels/eigen/in_double.h"

namespace flopmeter::models {

namespace {

constexpr std::int64_t many_macs = 1 << 20;

/// The node's tensors, and memory for what nobody reads.
template <class T>
struct Bound {
  Tensors<T> tensors{std::span<const Operand>{}};
  std::vector<std::vector<T>> own = {};

  Bound(const Node& node, const std::function<std::span<T>(TensorId)>& data);
};

template <class T>
Bound<T>::Bound(const Node& node, const std::function<std::span<T>(TensorId)>& data) {
  if (node.layer == nullptr || !node.after.empty()) {
    throw std::logic_error("no definition of node " + node.label);
  }
  for (const Operand& operand : node.layer->operands(node.shape, node.pass)) {
    const auto edge = std::ranges::find(node.edges, operand.name, &Edge::operand);
    if (edge != node.edges.end()) {
      tensors.view(operand.name, operand.role, data(edge->tensor));
    } else if (written(operand.role)) {
      tensors.view(operand.name, operand.role,
                   own.emplace_back(static_cast<std::size_t>(elements(operand))));
    }
  }
}

}  // namespace

template <class T>
void run_node(const Node& node, const std::function<std::span<T>(TensorId)>& data) {
  Bound<T> bound(node, data);
  node.layer->reference(node.shape, node.pass, bound.tensors);
}

void run_in_double(const Node& node, const std::function<std::span<double>(TensorId)>& data,
                   int threads) {
  Bound<double> bound(node, data);
  if (node.pass == Pass::forward &&
      node.layer->formula(node.shape, node.pass).dense.macs >= many_macs &&
      eigen::product_in_double(*node.layer, node.shape, bound.tensors, threads)) {
    return;
  }
  node.layer->reference(node.shape, node.pass, bound.tensors);
}

template void run_node<float>(const Node&, const std::function<std::span<float>(TensorId)>&);
template void run_node<double>(const Node&, const std::function<std::span<double>(TensorId)>&);

}  // namespace flopmeter::models
