#include "models/totals.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "kernels/case.h"

namespace flopmeter::models {
namespace {

using CaseKey = std::pair<const AnyLayer*, Values>;

bool counts(const ModelNode& node, Pass pass) {
  return node.layer != nullptr && node.layer->has(pass);
}

void add_case(const ModelCase& one, Pass pass, Totals& totals) {
  const ModelNode& node = *one.nodes.front();
  const Formula formula = node_formula(node, pass);
  totals.dense = totals.dense + one.uses * formula.dense;
  totals.in_bounds = totals.in_bounds + one.uses * formula.in_bounds;
  totals.bytes = checked_add(totals.bytes, checked_multiply(one.uses, node_bytes(node, pass)));
}

}  // namespace

Formula node_formula(const ModelNode& node, Pass pass) {
  return counts(node, pass) ? node.layer->formula(node.values, pass) : Formula{};
}

std::int64_t node_bytes(const ModelNode& node, Pass pass) {
  return counts(node, pass) ? compulsory_bytes({node.layer, node.values, ""}, pass, Dtype::f32) : 0;
}

Totals totals_of(const Model& model, Pass pass) {
  Totals totals;
  for (const ModelCase& one : distinct_cases(model)) {
    try {
      add_case(one, pass, totals);
    } catch (const CountOverflow& error) {
      throw CountOverflow(fmt::format("node '{}': {}", one.nodes.front()->name, error.what()));
    }
  }
  for (const ModelNode& node : model.nodes) {
    totals.whole = totals.whole && node.understood();
  }
  return totals;
}

std::vector<ModelCase> distinct_cases(const Model& model) {
  std::vector<ModelCase> cases;
  std::map<CaseKey, std::size_t> places;
  for (const ModelNode& node : model.nodes) {
    if (node.layer == nullptr) {
      continue;
    }
    const auto [found, added] = places.emplace(CaseKey{node.layer, node.values}, cases.size());
    if (added) {
      cases.push_back({node.layer, node.values, 0, {}});
    }
    ModelCase& one = cases[found->second];
    one.uses = checked_add(one.uses, node.uses);
    one.nodes.push_back(&node);
  }
  return cases;
}

}  // namespace flopmeter::models
