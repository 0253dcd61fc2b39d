#include "kernels/network/derived.h"

#include <algorithm>
#include <mutex>
#include <set>

namespace flopmeter {
namespace {

/// Names of operands are views: those made here live as long as the program.
std::string_view interned(const std::string& name) {
  static std::mutex guard;
  static std::set<std::string, std::less<>> names;
  const std::lock_guard lock(guard);
  return *names.insert(name).first;
}

const Node& with_layer(const Node& node) {
  if (node.layer == nullptr) {
    bad_input("node '{}' ({}) is no layer, so that its cost is not known", node.label,
              node.operation);
  }
  return node;
}

/// What the caller gives, what he gets, and what is kept between. What only backends read stays
/// `context`.
Role role_of(const Tensor& tensor, const Operand& operand) {
  switch (tensor.lifetime) {
    case Lifetime::input:
    case Lifetime::constant:
      return operand.role;
    case Lifetime::output:
      return Role::output;
    case Lifetime::activation:
    case Lifetime::saved:
      break;
  }
  return Role::saved;
}

/// Calls visit(tensor, operand) for the operands of all nodes in the order of computation.
template <class Visit>
void for_each_operand(const Network& network, const Visit& visit) {
  for (const Node& node : network.nodes()) {
    for (const Operand& operand : with_layer(node).layer->operands(node.shape, node.pass)) {
      const auto edge = std::ranges::find(node.edges, operand.name, &Edge::operand);
      if (edge != node.edges.end()) {
        visit(edge->tensor, operand);
      }
    }
  }
}

}  // namespace

std::vector<Operand> operands_of(const Network& network) {
  std::vector<Operand> met;
  std::vector<bool> known(network.tensors().size());
  for_each_operand(network, [&](TensorId id, const Operand& operand) {
    if (!known[id]) {
      known[id] = true;
      const Tensor& tensor = network.tensors()[id];
      met.push_back({interned(tensor.name), tensor.dims, role_of(tensor, operand), tensor.domain});
    }
  });
  constexpr std::array order{Role::input, Role::parameter, Role::context, Role::saved,
                             Role::output};
  std::ranges::stable_sort(met, {}, [&](const Operand& operand) {
    return std::ranges::find(order, operand.role) - order.begin();
  });
  return met;
}

Formula formula_of(const Network& network) {
  Formula total;
  for (const Node& node : network.nodes()) {
    const Formula one = with_layer(node).layer->formula(node.shape, node.pass);
    total.dense = total.dense + one.dense;
    total.in_bounds = total.in_bounds + one.in_bounds;
  }
  std::vector<bool> counted(network.tensors().size());
  for_each_operand(network, [&](TensorId id, const Operand& operand) {
    const Tensor& tensor = network.tensors()[id];
    if (operand.role == Role::parameter && tensor.lifetime == Lifetime::constant && !counted[id]) {
      counted[id] = true;
      total.parameters = checked_add(total.parameters, elements(tensor));
    }
  });
  return total;
}

std::vector<Component> components_of(const Network& network) {
  std::vector<Component> components;
  for (const Node& node : network.nodes()) {
    components.push_back({with_layer(node).layer, node.shape, node.pass});
  }
  return components;
}

template <class T>
Tensors<T> views_of(const Network& network, const Node& node, Tensors<T>& all) {
  Tensors<T> mine{std::span<const Operand>{}};
  for (const Operand& operand : with_layer(node).layer->operands(node.shape, node.pass)) {
    const auto edge = std::ranges::find(node.edges, operand.name, &Edge::operand);
    if (edge != node.edges.end()) {
      auto* entry = all.find(network.tensors()[edge->tensor].name);
      mine.view(operand.name, operand.role, entry->data);
    }
  }
  return mine;
}

template <class T>
void run_reference(const Network& network, Tensors<T>& tensors) {
  for (const Node& node : network.nodes()) {
    Tensors<T> mine = views_of(network, node, tensors);
    node.layer->reference(node.shape, node.pass, mine);
  }
}

template Tensors<float> views_of(const Network&, const Node&, Tensors<float>&);
template void run_reference(const Network&, Tensors<float>&);
template void run_reference(const Network&, Tensors<double>&);
template void run_reference(const Network&, Tensors<Counted<float>>&);
template void run_reference(const Network&, Tensors<Counted<double>>&);

void run_counted(const Network& network, std::string_view backend,
                 Tensors<Counted<float>>& tensors) {
  for (const Node& node : network.nodes()) {
    Tensors<Counted<float>> mine = views_of(network, node, tensors);
    node.layer->backend(backend).counted(node.shape, node.pass, mine);
  }
}

OpCounts stated_of(const Network& network, std::string_view backend) {
  OpCounts total;
  for (const Node& node : network.nodes()) {
    total = total + with_layer(node).layer->backend(backend).stated(node.shape, node.pass);
  }
  return total;
}

}  // namespace flopmeter
