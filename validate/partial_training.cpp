// What a training step costs where only a part of the weights is trained.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "kernels/bad_input.h"
#include "kernels/network/listing.h"
#include "validate/training.h"

namespace flopmeter {
namespace {

void leave_out(TrainingCost& cost, std::int64_t PassCosts::*pass) {
  cost.macs.*pass = 0;
  cost.flops.*pass = 0;
}

/// The two small products beside a linear layer's own, and what scales and adds their result.
TrainingCost adapter_cost(const Node& node, std::int64_t rank, bool reads_gradient) {
  const AnyLayer& linear = *node.layer;
  const auto value = [&](std::string_view key) {
    const auto field = std::ranges::find(linear.fields, key, &FieldInfo::key);
    return node.shape[static_cast<std::size_t>(field - linear.fields.begin())];
  };
  const std::int64_t mb = value("mb");
  const std::int64_t in = checked_product(value("ic"), value("id"), value("ih"), value("iw"));
  const std::int64_t out = value("oc");
  const auto product = [&](std::int64_t from, std::int64_t to) {
    return training_cost(parse_problem(linear, fmt::format("mb{}ic{}oc{}bias0", mb, from, to)));
  };
  TrainingCost down = product(in, rank);
  if (!reads_gradient) {
    leave_out(down, &PassCosts::backward_data);
  }
  TrainingCost both = down + product(rank, out);
  const std::int64_t results = checked_multiply(mb, out);
  both.flops.forward = checked_add(both.flops.forward, checked_multiply(2, results));
  both.flops.backward_data = checked_add(both.flops.backward_data, results);  // scaled back
  if (reads_gradient) {  // the gradients of both paths are added
    both.flops.backward_data = checked_add(both.flops.backward_data, checked_multiply(mb, in));
  }
  return both;
}

/// Whether the layer's backward_data leaves the gradient of that operand: not of indices and tables.
bool has_gradient(const Node& node, const std::string& operand) {
  if (!node.layer->has(Pass::backward_data)) {
    return false;
  }
  const auto operands = node.layer->operands(node.shape, Pass::backward_data);
  return std::ranges::any_of(operands, [&](const Operand& known) {
    return known.role == Role::output && known.name.substr(0, 5) == "diff_" &&
           known.name.substr(5) == operand;
  });
}

/// Walks forward through a network with what reaches a trained weight.
class Walk {
 public:
  Walk(const Network& network, std::string name, const Trained& trained, bool of_inputs)
      : network_(network),
        name_(std::move(name)),
        trained_(trained),
        needs_(network.tensors().size(), 0) {
    for (std::size_t i = 0; i < needs_.size(); ++i) {
      needs_[i] = of_inputs && network.tensors()[i].lifetime == Lifetime::input ? 1 : 0;
    }
  }

  TrainingCost cost() {
    TrainingCost total;
    for (const Node& node : network_.nodes()) {
      total = total + cost_of(node);
    }
    check();
    total.flops.backward_data = checked_add(total.flops.backward_data, sums_of_gradients());
    return total;
  }

 private:
  TrainingCost cost_of(const Node& node) {
    const bool reads = reads_gradient(node);
    const bool chosen = trained_.only.empty() || std::ranges::count(trained_.only, node.label) != 0;
    const bool adapted = trained_.rank > 0 && chosen && node.layer->name == "linear";
    const bool own = !trained_.frozen && trained_.rank == 0 && chosen;
    TrainingCost cost = training_cost(problem_of(node));
    const bool learns = own && cost.parameters != 0;
    if (!reads) {
      leave_out(cost, &PassCosts::backward_data);
    }
    if (!learns) {
      leave_out(cost, &PassCosts::backward_weights);
      cost.trained = 0;
    }
    if (adapted) {
      cost = cost + adapter_cost(node, trained_.rank, reads);
    }
    if (chosen) {
      met_.insert(node.label);
    }
    adapted_ = adapted_ || adapted;
    pass_on(node, reads || learns || adapted);
    return cost;
  }

  bool reads_gradient(const Node& node) {
    bool reads = false;
    for (const Edge& edge : node.edges) {
      const Lifetime lifetime = network_.tensors()[edge.tensor].lifetime;
      const bool listed = network_.connections() == Connections::listed;
      const bool needs = listed ? written(lifetime) && any_ : needs_[edge.tensor] != 0;
      if (!edge.writes && lifetime != Lifetime::constant && needs &&
          has_gradient(node, edge.operand)) {
        readers_[edge.tensor] += 1;
        reads = true;
      }
    }
    return reads;
  }

  void pass_on(const Node& node, bool needs) {
    any_ = any_ || needs;
    for (const Edge& edge : node.edges) {
      if (edge.writes) {
        needs_[edge.tensor] = needs ? 1 : 0;
      }
    }
  }

  /// Adds where several nodes read a tensor; what a listed network's nodes read is not known.
  std::int64_t sums_of_gradients() const {
    std::int64_t sums = 0;
    for (const auto& [tensor, readers] : readers_) {
      if (network_.connections() == Connections::known) {
        sums =
            checked_add(sums, checked_multiply(readers - 1, elements(network_.tensors()[tensor])));
      }
    }
    return sums;
  }

  void check() const {
    for (const std::string& label : trained_.only) {
      if (!met_.contains(label)) {
        std::vector<std::string> labels;
        for (const Node& node : network_.nodes()) {
          labels.push_back(node.label);
        }
        bad_input("'{}' is no part of {}: its parts are {}", label, name_, fmt::join(labels, ", "));
      }
    }
    if (trained_.rank > 0 && !adapted_) {
      bad_input("nothing of {} is a linear layer, beside which LoRA puts its matrices", name_);
    }
  }

  const Network& network_;
  std::string name_;
  const Trained& trained_;
  std::vector<char> needs_;                   // by tensor: whether its gradient is asked for
  std::map<TensorId, std::int64_t> readers_;  // that need it
  std::set<std::string, std::less<>> met_;
  bool any_ = false;
  bool adapted_ = false;
};

/// A node by itself.
Network alone(const Problem& problem) {
  Network network;
  Node node{
      .label = std::string(problem.layer->name), .layer = problem.layer, .shape = problem.values};
  for (const Operand& operand : problem.layer->operands(problem.values, Pass::forward)) {
    const Lifetime lifetime = operand.role == Role::parameter ? Lifetime::constant
                              : operand.role == Role::output  ? Lifetime::output
                              : operand.role == Role::saved   ? Lifetime::saved
                                                              : Lifetime::input;
    node.edges.push_back(
        {std::string(operand.name),
         network.add_tensor(
             {.name = std::string(operand.name), .dims = operand.dims, .lifetime = lifetime})});
  }
  network.add_node(std::move(node));
  return network;
}

}  // namespace

TrainingCost training_cost(const Network& network, const Trained& trained) {
  return Walk(network, network.name(), trained, false).cost();
}

TrainingCost training_cost(const Problem& problem, const Trained& trained) {
  const std::string name = fmt::format("{} {}", problem.layer->name, problem.shape());
  const Network network = problem.layer->network
                              ? problem.layer->network(problem.values, Pass::forward)
                              : alone(problem);
  return Walk(network, name, trained, true).cost();
}

}  // namespace flopmeter
