#include "validate/published/network.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "counters/convention.h"

namespace flopmeter::published {
namespace {

/// Shares of distinct layers: a deep network repeats them.
using Known = std::map<std::tuple<const AnyLayer*, Values, Scope>, Share>;

const Share& known_share(const NetworkPrint& print, const Table& table, const Written& node,
                         Pass pass, const Scope& around, Known& known) {
  const auto [found, added] =
      known.try_emplace({node.problem.layer, node.problem.values, node.set});
  if (added) {
    found->second =
        share(table, *print.counter, *print.quantity, node.problem, pass, around, node.set);
  }
  return found->second;
}

/// Of all uses of a node; of parameters, which all uses share, what the layer has.
struct OwnCount {
  std::int64_t dense = 0, in_bounds = 0, times = 1;
};

OwnCount own_count(const Quantity& quantity, const Written& node) {
  if (quantity.convention == "params") {
    const std::int64_t parameters = node.problem.formula(Pass::forward).parameters;
    return {parameters, parameters, 1};
  }
  const Convention& convention = find_convention(quantity.convention);
  return {checked_multiply(node.uses, convention.reduce(node.dense)),
          checked_multiply(node.uses, convention.reduce(node.in_bounds)), node.uses};
}

NodeShare share_of(const OwnCount& own, const Written& node, const Share& one, double& fraction) {
  NodeShare made{
      .node = &node, .printed = 0, .dense = own.dense, .note = one.notes(), .failure = one.failure};
  if (one.failure.empty()) {
    const double whole = std::floor(one.value);
    made.printed = checked_multiply(own.times, static_cast<std::int64_t>(whole));
    fraction += static_cast<double>(own.times) * (one.value - whole);
  }
  return made;
}

NetworkPrint print_of(const Table& table, const Counter& counter, const Quantity& quantity,
                      const std::vector<Written>& nodes, Pass pass, const Scope& around) {
  NetworkPrint print;
  print.counter = &counter;
  print.quantity = &quantity;
  double fraction = 0;
  Known known;
  for (const Written& node : nodes) {
    const Share& one = known_share(print, table, node, pass, around, known);
    const OwnCount own = own_count(quantity, node);
    print.shares.push_back(share_of(own, node, one, fraction));
    const NodeShare& share = print.shares.back();
    print.printed = checked_add(print.printed, share.printed);
    print.dense = checked_add(print.dense, share.dense);
    print.in_bounds = checked_add(print.in_bounds, own.in_bounds);
    if (print.failure.empty() && share.failure.starts_with("fails")) {
      print.failure = share.failure;
    }
  }
  // A sum of thirds must not lose one.
  print.fractions = static_cast<std::int64_t>(std::floor(fraction + 1e-6));
  print.printed = checked_add(print.printed, print.fractions);
  return print;
}

}  // namespace

std::size_t NetworkPrint::unknown() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(shares, [](const NodeShare& share) { return !share.failure.empty(); }));
}

std::vector<NetworkPrint> network_prints(const Table& table,
                                         const std::vector<const Counter*>& counters,
                                         const std::vector<Written>& nodes, Pass pass,
                                         std::int64_t samples) {
  const Scope around{{"samples", static_cast<double>(samples)},
                     {"single", nodes.size() == 1 ? 1.0 : 0.0}};
  std::vector<NetworkPrint> prints;
  for (const Counter* counter : counters) {
    for (const Quantity& quantity : counter->prints) {
      prints.push_back(print_of(table, *counter, quantity, nodes, pass, around));
    }
  }
  return prints;
}

std::vector<ShareGroup> grouped_shares(const NetworkPrint& print) {
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> places;
  std::vector<ShareGroup> groups;
  for (const NodeShare& share : print.shares) {
    const std::string layer(share.node->problem.layer->name);
    const auto [found, added] =
        places.emplace(std::tuple(layer, share.note, share.failure), groups.size());
    if (added) {
      groups.push_back({layer, share.note, share.failure});
    }
    ShareGroup& group = groups[found->second];
    group.nodes = checked_add(group.nodes, share.node->uses);
    group.printed = checked_add(group.printed, share.printed);
    group.dense = checked_add(group.dense, share.dense);
  }
  std::ranges::stable_sort(groups, std::greater<>(), [](const ShareGroup& group) {
    return std::abs(group.printed - group.dense);
  });
  return groups;
}

}  // namespace flopmeter::published
