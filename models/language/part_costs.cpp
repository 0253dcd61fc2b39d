#include "models/language/part_costs.h"

#include "counters/convention.h"

namespace flopmeter::models {
namespace {

/// Of that many layers; all others cost the same.
Transformer with_layers(Transformer t, std::int64_t layers) {
  t.layers = layers;
  return t;
}

}  // namespace

PartCosts::PartCosts(const Transformer& t, const Phase& phase) : t_(t), phase_(phase) {
  for (ModelNode& node : transformer_model(t, phase).nodes) {
    nodes_.emplace(node.name, std::move(node));
  }
}

PartCosts::Taken PartCosts::take(const std::string& path, const std::vector<std::string>& names,
                                 const std::string& main) {
  Taken taken;
  for (const std::string& name : names) {
    const auto found = nodes_.find(path + name);
    if (found == nodes_.end()) {
      continue;
    }
    const ModelNode& node = found->second;
    taken.names.push_back(node.name);
    if (node.layer != nullptr) {
      const Formula formula = node.layer->formula(node.values, Pass::forward);
      taken.flops += static_cast<double>(find_convention("exact").reduce(formula.in_bounds));
      if (name == main) {
        taken.layer = node.layer->name;
        taken.shape = node.layer->print(node.values);
      }
    }
    nodes_.erase(found);
  }
  return taken;
}

void PartCosts::last_tokens_alone() {
  const Phase last{phase_.batch, 1, phase_.past + phase_.tokens - 1};
  for (ModelNode& node : transformer_model(with_layers(t_, 1), last).nodes) {
    if (node.path.empty() && nodes_.contains(node.name)) {
      nodes_.insert_or_assign(node.name, std::move(node));
    }
  }
}

std::vector<std::string> PartCosts::left() const {
  std::vector<std::string> names;
  for (const auto& [name, node] : nodes_) {
    if (node.layer != nullptr) {
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace flopmeter::models
