#include "kernels/network/network.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace flopmeter {
namespace {

constexpr std::array<std::string_view, 5> lifetime_names{"input", "constant", "activation", "saved",
                                                         "output"};

std::string dims_text(std::span<const std::int64_t> dims) {
  return dims.empty() ? "one number" : fmt::format("{}", fmt::join(dims, "x"));
}

/// "node 'fc1' (linear mb1ic2oc3)".
std::string shown(const Node& node) {
  return node.layer == nullptr ? fmt::format("node '{}' ({})", node.label, node.operation)
                               : fmt::format("node '{}' ({} {})", node.label, node.layer->name,
                                             node.layer->print(node.shape));
}

void check_size(const Node& node, const Operand& operand, const Tensor& tensor) {
  if (elements(operand) != elements(tensor)) {
    bad_input("{}: {} is {}, but tensor '{}' is {}", shown(node), operand.name,
              dims_text(operand.dims), tensor.name, dims_text(tensor.dims));
  }
}

/// What is added to has the size of the first result.
Operand result_of(const Node& node, std::span<const Operand> operands) {
  const auto result = std::ranges::find(operands, Role::output, &Operand::role);
  if (result == operands.end()) {
    bad_input("{} has no result to which something could be added", shown(node));
  }
  return *result;
}

bool optional(Role role) { return role == Role::saved || role == Role::context; }

}  // namespace

std::string_view to_string(Lifetime lifetime) {
  return lifetime_names.at(static_cast<std::size_t>(lifetime));
}

std::int64_t elements(const Tensor& tensor) {
  std::int64_t product = 1;
  for (const std::int64_t dim : tensor.dims) {
    product = checked_multiply(product, dim);
  }
  return product;
}

TensorId Network::add_tensor(Tensor tensor) {
  if (std::ranges::any_of(tensor.dims, [](std::int64_t dim) { return dim < 0; })) {
    bad_input("tensor '{}' is {}: dimensions must not be negative", tensor.name,
              dims_text(tensor.dims));
  }
  const TensorId id = tensors_.size();
  if (!names_.try_emplace(tensor.name, id).second) {
    bad_input("network '{}' has two tensors '{}'", name_, tensor.name);
  }
  tensors_.push_back(std::move(tensor));
  uses_.emplace_back();
  return id;
}

/// Also says of every edge whether it writes.
void Network::check_layer(Node& node) const {
  if (node.shape.size() != node.layer->fields.size()) {
    bad_input("node '{}': {} has {} fields, not {}", node.label, node.layer->name,
              node.layer->fields.size(), node.shape.size());
  }
  node.layer->require(node.pass);
  const std::vector<Operand> operands = node.layer->operands(node.shape, node.pass);
  for (const Operand& operand : operands) {
    const auto bound = std::ranges::count(node.edges, operand.name, &Edge::operand);
    if (bound > 1 || (bound == 0 && !optional(operand.role))) {
      bad_input("{}: {} is {}", shown(node), operand.name,
                bound == 0 ? "not bound to a tensor" : "bound to more than one tensor");
    }
  }
  for (Edge& edge : node.edges) {
    const auto operand = std::ranges::find(operands, edge.operand, &Operand::name);
    if (std::ranges::find(node.after, edge.operand, &After::operand) != node.after.end()) {
      check_size(node, result_of(node, operands), tensors_.at(edge.tensor));
      continue;
    }
    if (operand == operands.end()) {
      bad_input("{} has no operand '{}'", shown(node), edge.operand);
    }
    check_size(node, *operand, tensors_.at(edge.tensor));
    edge.writes = written(operand->role);
  }
}

void Network::check_edge(const Node& node, const Edge& edge) const {
  const Tensor& tensor = tensors_.at(edge.tensor);
  const bool has_writer = uses_[edge.tensor].writer != nobody;
  if (edge.writes && !written(tensor.lifetime)) {
    bad_input("{} writes '{}', which is {}", shown(node), tensor.name,
              tensor.lifetime == Lifetime::input ? "an input" : "a constant");
  }
  const bool twice = std::ranges::count_if(node.edges, [&](const Edge& other) {
                       return other.writes && other.tensor == edge.tensor;
                     }) > 1;
  if (edge.writes && (has_writer || twice)) {
    bad_input("{} writes '{}', which is written already", shown(node), tensor.name);
  }
  if (!edge.writes && written(tensor.lifetime) && !has_writer &&
      connections_ == Connections::known) {
    bad_input("{} reads '{}' before any node writes it", shown(node), tensor.name);
  }
}

const Node& Network::add_node(Node node) {
  for (const Edge& edge : node.edges) {
    if (edge.tensor >= tensors_.size()) {
      bad_input("node '{}': {} is bound to tensor {} of {}", node.label, edge.operand, edge.tensor,
                tensors_.size());
    }
  }
  if (node.layer != nullptr) {
    check_layer(node);
  }
  for (const Edge& edge : node.edges) {
    check_edge(node, edge);
  }
  for (const Edge& edge : node.edges) {
    Use& use = uses_[edge.tensor];
    (edge.writes ? use.writer : use.last_reader) = nodes_.size();
  }
  return nodes_.emplace_back(std::move(node));
}

std::optional<TensorId> Network::find(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? std::nullopt : std::optional(found->second);
}

TensorId Network::at(std::string_view name) const {
  const auto found = find(name);
  if (!found) {
    bad_input("network '{}' has no tensor '{}'", name_, name);
  }
  return *found;
}

std::optional<std::size_t> Network::writer(TensorId tensor) const {
  const std::size_t node = uses_.at(tensor).writer;
  return node == nobody ? std::nullopt : std::optional(node);
}

std::optional<std::size_t> Network::last_reader(TensorId tensor) const {
  const std::size_t node = uses_.at(tensor).last_reader;
  return node == nobody ? std::nullopt : std::optional(node);
}

std::vector<TensorId> Network::unreached() const {
  std::vector<TensorId> found;
  for (TensorId id = 0; id < tensors_.size(); ++id) {
    const Use& use = uses_[id];
    const bool output = tensors_[id].lifetime == Lifetime::output;
    if (use.writer == nobody && (use.last_reader == nobody || output)) {
      found.push_back(id);
    }
  }
  return found;
}

}  // namespace flopmeter
