#include "models/chain/chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "models/chain/rules.h"
#include "results/report/text_table.h"

namespace flopmeter::models {
namespace {

std::string after_text(const After& after) {
  return after.layer == "clip"      ? fmt::format("clip {:g} {:g}", after.alpha, after.beta)
         : after.layer == "scale"   ? fmt::format("scale {:g}", after.alpha)
         : after.layer == "epsilon" ? fmt::format("epsilon {:g}", after.alpha)
                                    : std::string(after.layer);
}

FusedNode described(const Network& network, const Step& step, Dtype dtype) {
  FusedNode made{.name = step.node.label,
                 .fused = step.members,
                 .rules = step.rules,
                 .layer = step.node.layer,
                 .shape = step.node.shape,
                 .pass = step.node.pass,
                 .dtype = dtype};
  std::set<TensorId> seen;
  for (const After& after : step.node.after) {
    made.after.push_back(after_text(after));
  }
  for (const Edge& edge : step.node.edges) {
    if (!seen.insert(edge.tensor).second) {
      continue;
    }
    const Tensor& tensor = network.tensors()[edge.tensor];
    const std::int64_t bytes = checked_multiply(elements(tensor), size_of(dtype));
    std::int64_t& sum = edge.writes                             ? made.write_bytes
                        : tensor.lifetime == Lifetime::constant ? made.weight_bytes
                                                                : made.read_bytes;
    sum = checked_add(sum, bytes);
  }
  return made;
}

}  // namespace

std::span<const Rule> rules() {
  static const std::vector<Rule> all = [] {
    std::vector<Rule> joined(function_rules().begin(), function_rules().end());
    joined.insert(joined.end(), result_rules().begin(), result_rules().end());
    return joined;
  }();
  return all;
}

std::string rules_markdown() {
  report::TextTable table{.columns = {{"rule"}, {"in the file"}, {"in the chain"}, {"where"}}};
  for (const Rule& rule : rules()) {
    table.rows.push_back({{std::string(rule.name)},
                          {std::string(rule.pattern)},
                          {std::string(rule.becomes)},
                          {std::string(rule.condition)}});
  }
  return report::to_markdown(table);
}

Chain make_chain(const NetworkFile& file, Dtype dtype) {
  Draft draft(file);
  for (bool found = true; found;) {
    found = false;
    for (const Rule& rule : rules()) {
      for (std::size_t i = 0; i < draft.size(); ++i) {
        found = rule.apply(draft, i) || found;
      }
    }
  }
  std::vector<Step> steps;
  NetworkFile fused = std::move(draft).finished(file.network.name(), steps);
  Chain chain{std::move(fused.network), std::move(fused.numbers), {}};
  for (const Step& step : steps) {
    chain.nodes.push_back(described(chain.network, step, dtype));
  }
  return chain;
}

}  // namespace flopmeter::models
