#include "kernels/network/flatten.h"

#include <algorithm>

namespace flopmeter {
namespace {

/// Copies nodes with what they are bound to.
class Flattening {
 public:
  explicit Flattening(const Network& network) : made_(network.name(), network.connections()) {
    for (const Tensor& tensor : network.tensors()) {
      made_.add_tensor(tensor);
    }
    std::vector<TensorId> same(network.tensors().size());
    for (TensorId id = 0; id < same.size(); ++id) {
      same[id] = id;
    }
    for (const Node& node : network.nodes()) {
      add(node, "", same);
    }
  }

  Network network() && { return std::move(made_); }

 private:
  /// `tensors`: for those of the network that the node stands in, those of the whole.
  void add(const Node& node, const std::string& prefix, std::span<const TensorId> tensors) {
    if (node.layer != nullptr && node.layer->network) {
      add_inside(node, prefix, tensors);
      return;
    }
    Node copy = node;
    copy.label = prefix + node.label;
    for (Edge& edge : copy.edges) {
      edge.tensor = tensors[edge.tensor];
    }
    made_.add_node(std::move(copy));
  }

  void add_inside(const Node& node, const std::string& prefix, std::span<const TensorId> tensors) {
    const Network inside = node.layer->network(node.shape, node.pass);
    const std::string inner_prefix = fmt::format("{}{}/", prefix, node.label);
    std::vector<TensorId> inner;
    for (const Tensor& tensor : inside.tensors()) {
      const auto edge = std::ranges::find(node.edges, tensor.name, &Edge::operand);
      inner.push_back(edge != node.edges.end() ? tensors[edge->tensor]
                                               : add_own(tensor, inner_prefix));
    }
    for (const Node& one : inside.nodes()) {
      add(one, inner_prefix, inner);
    }
  }

  /// What the node does not share is gone when it is done.
  TensorId add_own(Tensor tensor, const std::string& prefix) {
    tensor.name = prefix + tensor.name;
    tensor.lifetime = written(tensor.lifetime) ? Lifetime::activation : tensor.lifetime;
    return made_.add_tensor(std::move(tensor));
  }

  Network made_;
};

}  // namespace

Network flattened(const Network& network) { return Flattening(network).network(); }

}  // namespace flopmeter
