#include "validate/training.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "counters/convention.h"
#include "embedded/published_counts.h"
#include "kernels/network/listing.h"

namespace flopmeter {
namespace {

/// Reads one number off the counts of each pass.
template <class Read>
PassCosts costs(const Problem& problem, const Read& read) {
  const auto of = [&](Pass pass) {
    return problem.layer->has(pass) ? read(problem.formula(pass).in_bounds) : 0;
  };
  return {of(Pass::forward), of(Pass::backward_data), of(Pass::backward_weights)};
}

/// Whether it reads what nodes have made, of which the gradient goes on.
bool reads_activations(const Network& network, const Node& node) {
  return std::ranges::any_of(node.edges, [&](const Edge& edge) {
    return !edge.writes && written(network.tensors()[edge.tensor].lifetime);
  });
}

}  // namespace

std::int64_t PassCosts::step() const {
  return checked_add(forward, checked_add(backward_data, backward_weights));
}

double PassCosts::ratio() const {
  return forward == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(step()) / static_cast<double>(forward);
}

PassCosts operator+(const PassCosts& a, const PassCosts& b) {
  return {checked_add(a.forward, b.forward), checked_add(a.backward_data, b.backward_data),
          checked_add(a.backward_weights, b.backward_weights)};
}

TrainingCost operator+(const TrainingCost& a, const TrainingCost& b) {
  return {a.macs + b.macs, a.flops + b.flops, checked_add(a.parameters, b.parameters),
          checked_add(a.trained, b.trained)};
}

TrainingCost training_cost(const Problem& problem) {
  const std::int64_t parameters = problem.formula(Pass::forward).parameters;
  return {costs(problem, [](const OpCounts& counts) { return counts.macs; }),
          costs(problem, find_convention("exact").reduce), parameters, parameters};
}

TrainingCost training_cost(const Network& network) {
  TrainingCost total;
  for (const Node& node : network.nodes()) {
    TrainingCost one = training_cost(problem_of(node));
    if (!reads_activations(network, node)) {
      one.macs.backward_data = 0;
      one.flops.backward_data = 0;
    }
    total = total + one;
  }
  return total;
}

std::vector<Network> networks() {
  const auto json = nlohmann::json::parse(embedded::published_counts());
  std::vector<Network> all;
  for (const auto& described : json.at("networks")) {
    std::vector<Listed> entries;
    for (const auto& layer : described.at("layers")) {
      entries.push_back({parse_problem(find_layer(layer.at("layer").get<std::string>()),
                                       layer.at("shape").get<std::string>()),
                         layer.value("times", std::int64_t{1})});
    }
    all.push_back(listed_network(described.at("case").get<std::string>(), entries));
  }
  return all;
}

}  // namespace flopmeter
