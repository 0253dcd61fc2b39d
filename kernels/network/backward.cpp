#include "kernels/network/backward.h"

#include <algorithm>

namespace flopmeter {
namespace {

constexpr std::string_view gradient_prefix = "diff_";

const Edge* find(const Node& node, std::string_view operand) {
  const auto found = std::ranges::find(node.edges, operand, &Edge::operand);
  return found == node.edges.end() ? nullptr : &*found;
}

bool has(const std::vector<Operand>& operands, std::string_view name) {
  return std::ranges::find(operands, name, &Operand::name) != operands.end();
}

bool learns(const Node& node) {
  return node.layer->has(Pass::backward_weights) &&
         std::ranges::any_of(node.layer->operands(node.shape, Pass::forward),
                             [](const Operand& o) { return o.role == Role::parameter; });
}

class Backward {
 public:
  Backward(const Network& forward, Pass pass)
      : forward_(forward), pass_(pass), made_(forward.name()) {
    for (const Node* node : nodes()) {
      for (const Operand& operand : operands(*node)) {
        writers_[name(*node, operand)] += written(operand.role) ? 1 : 0;
      }
    }
  }

  Network network() && {
    for (const Node* node : nodes()) {
      add(*node);
    }
    return std::move(made_);
  }

 private:
  /// In the order of computation.
  std::vector<const Node*> nodes() const {
    std::vector<const Node*> order;
    for (const Node& node : forward_.nodes()) {
      if (node.layer == nullptr) {
        bad_input("node '{}' ({}) is no layer: it has no backward pass", node.label,
                  node.operation);
      }
      if (pass_ == Pass::backward_data || learns(node)) {
        order.push_back(&node);
      }
    }
    if (pass_ == Pass::backward_data) {
      std::ranges::reverse(order);
    }
    return order;
  }

  std::vector<Operand> operands(const Node& node) const {
    return node.layer->operands(node.shape, pass_);
  }

  /// The tensor of the forward pass, the gradient of one, or what belongs to the node alone.
  std::string name(const Node& node, const Operand& operand) const {
    if (const Edge* edge = find(node, operand.name)) {
      return forward_.tensors()[edge->tensor].name;
    }
    const bool gradient = operand.name.starts_with(gradient_prefix) &&
                          !has(node.layer->operands(node.shape, Pass::forward), operand.name);
    const Edge* of = gradient ? find(node, operand.name.substr(gradient_prefix.size())) : nullptr;
    return of == nullptr
               ? fmt::format("{}.{}", node.label, operand.name)
               : fmt::format("{}{}", gradient_prefix, forward_.tensors()[of->tensor].name);
  }

  void add(const Node& node) {
    Node backward{.label = node.label,
                  .path = node.path,
                  .layer = node.layer,
                  .shape = node.shape,
                  .pass = pass_};
    std::vector<std::pair<std::string, std::string>> sums;  // total, part
    for (const Operand& operand : operands(node)) {
      const std::string tensor = name(node, operand);
      const bool part = written(operand.role) && writers_.at(tensor) > 1;
      const std::string bound =
          part ? fmt::format("{}.of_{}.{}", tensor, node.label, operand.name) : tensor;
      if (part) {
        sums.emplace_back(tensor, bound);
      }
      backward.edges.push_back(
          {std::string(operand.name),
           tensor_of(bound, operand, part ? Lifetime::activation : lifetime(bound, operand))});
    }
    made_.add_node(std::move(backward));
    for (const auto& [total, part] : sums) {
      add_to_sum(total, part);
    }
  }

  TensorId tensor_of(const std::string& name, const Operand& operand, Lifetime lifetime) {
    if (const auto known = made_.find(name)) {
      return *known;
    }
    return made_.add_tensor(
        {.name = name, .dims = operand.dims, .lifetime = lifetime, .domain = operand.domain});
  }

  /// Gradients of the forward pass's inputs and of parameters are for the caller.
  Lifetime lifetime(const std::string& tensor, const Operand& operand) const {
    if (!written(operand.role)) {
      return operand.role == Role::parameter ? Lifetime::constant : Lifetime::input;
    }
    return pass_ == Pass::backward_weights || is_result(tensor) ? Lifetime::output
                                                                : Lifetime::saved;
  }

  bool is_result(const std::string& tensor) const {
    if (!tensor.starts_with(gradient_prefix)) {
      return false;
    }
    const auto of = forward_.find(std::string_view(tensor).substr(gradient_prefix.size()));
    return of && forward_.tensors()[*of].lifetime == Lifetime::input;
  }

  /// The first part waits for the second; every further one makes a new sum, the last the total.
  void add_to_sum(const std::string& total, const std::string& part) {
    Sum& sum = sums_[total];
    ++sum.parts;
    if (sum.parts == 1) {
      sum.so_far = part;
      return;
    }
    const Tensor& of = made_.tensors()[made_.at(part)];
    const bool last = sum.parts == writers_.at(total);
    const std::string result = last ? total : fmt::format("{}.sum{}", total, sum.parts);
    const Operand shaped{{}, of.dims, Role::output, of.domain};
    const AnyLayer& layer = find_layer("add");
    Node node{.label = fmt::format("sum of {}", total),
              .layer = &layer,
              .shape = layer.parse(fmt::format("{0}:{0}", elements(of)))};
    const TensorId dst =
        tensor_of(result, shaped, last ? lifetime(total, shaped) : Lifetime::activation);
    node.edges = {{"src0", made_.at(sum.so_far)}, {"src1", made_.at(part)}, {"dst", dst}};
    made_.add_node(std::move(node));
    sum.so_far = result;
  }

  struct Sum {
    int parts = 0;
    std::string so_far;
  };

  const Network& forward_;
  Pass pass_;
  Network made_;
  std::unordered_map<std::string, int> writers_;
  std::unordered_map<std::string, Sum> sums_;
};

}  // namespace

Network backward_of(const Network& forward, Pass pass) { return Backward(forward, pass).network(); }

}  // namespace flopmeter
