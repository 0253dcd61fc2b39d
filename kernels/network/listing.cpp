#include "kernels/network/listing.h"

namespace flopmeter {
namespace {

Lifetime lifetime(Role role, bool first) {
  switch (role) {
    case Role::parameter:
      return Lifetime::constant;
    case Role::saved:
      return Lifetime::saved;
    case Role::output:
      return Lifetime::activation;
    case Role::input:
    case Role::context:
      break;
  }
  return first ? Lifetime::input : Lifetime::activation;
}

void add(Network& network, const Problem& problem, bool first) {
  Node node{.label = fmt::format("{}{}", problem.layer->name, network.nodes().size() + 1),
            .path = problem.label,
            .layer = problem.layer,
            .shape = problem.values};
  for (const Operand& operand : problem.operands(Pass::forward)) {
    const TensorId tensor =
        network.add_tensor({.name = fmt::format("{}.{}", node.label, operand.name),
                            .dims = operand.dims,
                            .lifetime = lifetime(operand.role, first),
                            .domain = operand.domain});
    node.edges.push_back({std::string(operand.name), tensor});
  }
  network.add_node(std::move(node));
}

}  // namespace

Problem problem_of(const Node& node) { return {node.layer, node.shape, node.path}; }

Network listed_network(std::string name, std::span<const Listed> entries) {
  Network network(std::move(name), Connections::listed);
  for (const Listed& entry : entries) {
    for (std::int64_t i = 0; i < entry.times; ++i) {
      add(network, entry.problem, &entry == entries.data());
    }
  }
  return network;
}

}  // namespace flopmeter
