#include "models/chain/chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "kernels/network/executor.h"
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

/// Of a node in 8 bits, source and weights are; what is added and the result are f32.
Dtype stored(const Edge& edge, Dtype dtype) {
  const bool small = edge.operand == "src" || edge.operand == "weights";
  return dtype == Dtype::s8 && !small ? Dtype::f32 : dtype;
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
    const std::int64_t bytes = checked_multiply(elements(tensor), size_of(stored(edge, dtype)));
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
    std::vector<Rule> joined(eight_bit_rules().begin(), eight_bit_rules().end());
    joined.insert(joined.end(), function_rules().begin(), function_rules().end());
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

static void describe_nodes(Chain& chain, const std::vector<Step>& steps, Dtype dtype) {
  chain.nodes.clear();
  for (const Step& step : steps) {
    const bool real =
        of_integers(chain.network, step.node) || (dtype == Dtype::s8 && step.eight_bits == nullptr);
    chain.nodes.push_back(described(chain.network, step, real ? Dtype::f32 : dtype));
  }
}

Chain make_chain(const NetworkFile& file, Dtype dtype) {
  Draft draft(file);
  const std::span<const Rule> all =
      rules().subspan(dtype == Dtype::s8 ? 0 : eight_bit_rules().size());
  for (bool found = true; found;) {
    found = false;
    for (const Rule& rule : all) {
      for (std::size_t i = 0; i < draft.size(); ++i) {
        found = rule.apply(draft, i) || found;
      }
    }
  }
  std::vector<Step> steps;
  NetworkFile fused = std::move(draft).finished(file.network.name(), steps);
  Chain chain{std::move(fused.network), std::move(fused.numbers), {}};
  describe_nodes(chain, steps, dtype);
  if (dtype == Dtype::s8) {
    std::ranges::transform(steps, std::back_inserter(chain.eight_bits), &Step::eight_bits);
  }
  return chain;
}

}  // namespace flopmeter::models
