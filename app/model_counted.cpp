#include "app/model_counted.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/counts_json.h"
#include "app/executed.h"
#include "app/text.h"
#include "counters/op_counts.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

std::string name_of(const models::ModelCase& one) {
  return fmt::format("{} {}", one.layer->name, one.layer->print(one.values));
}

CountedCase count_case(const models::ModelCase& one, Pass pass, const CountedWanted& wanted) {
  const Problem problem{one.layer, one.values, ""};
  CountedCase result{.subject = one, .formula = problem.formula(pass)};
  const bool too_large = beyond(wanted.limit, problem, pass, Dtype::f32);
  for (const AnyBackend& backend : one.layer->backends) {
    if (wanted.counted) {
      result.counted.push_back(count_backend(problem, pass, backend, too_large));
    }
    if (wanted.executed) {
      result.executed.push_back(
          execute_backend({problem, pass, backend.name, Dtype::f32}, too_large, Detail::totals));
    }
  }
  return result;
}

/// What one backend did for the whole network, and the formula of the same cases.
struct BackendSum {
  OpCounts counts, formula;
  std::int64_t instructions = 0;
  std::size_t cases = 0;
  std::map<std::string, std::vector<std::string>> missing;  // cases by reason
};

using Sums = std::vector<std::pair<std::string, BackendSum>>;

BackendSum& sum_of(Sums& sums, std::string_view backend) {
  const auto found = std::ranges::find(sums, backend, &Sums::value_type::first);
  return found != sums.end() ? found->second : sums.emplace_back(backend, BackendSum{}).second;
}

void add_counts(BackendSum& sum, const CountedCase& one, const OpCounts& counts,
                const OpCounts& formula) {
  sum.counts = sum.counts + one.subject.uses * counts;
  sum.formula = sum.formula + one.subject.uses * formula;
  ++sum.cases;
}

/// The counting scalar's, beside what must be computed.
Sums counted_sums(const CountedNetwork& network) {
  Sums sums;
  for (const CountedCase& one : network.cases) {
    for (const CountColumn& column : one.counted) {
      BackendSum& sum = sum_of(sums, column.name);
      if (column.counts) {
        add_counts(sum, one, *column.counts, one.formula.in_bounds);
      } else {
        sum.missing[column.reason].push_back(name_of(one.subject));
      }
    }
  }
  return sums;
}

Sums executed_sums(const CountedNetwork& network) {
  Sums sums;
  for (const CountedCase& one : network.cases) {
    for (const Account& account : one.executed) {
      BackendSum& sum = sum_of(sums, account.subject.backend);
      if (account.executed.counted()) {
        add_counts(sum, one, account.executed.active, one.formula.in_bounds);
        sum.instructions = checked_add(
            sum.instructions, checked_multiply(one.subject.uses, account.executed.instructions));
      } else {
        sum.missing[account.executed.problem].push_back(name_of(one.subject));
      }
    }
  }
  return sums;
}

std::string ratio_text(const BackendSum& sum) {
  return sum.formula.macs == 0 ? "-"
                               : fmt::format("{:.4f}", static_cast<double>(sum.counts.macs) /
                                                           static_cast<double>(sum.formula.macs));
}

std::string sums_text(std::string_view head, const Sums& sums, const CountedNetwork& network,
                      bool instructions) {
  report::TextTable table{.columns = {{std::string(head)},
                                      {"MACs", true},
                                      {"formula, in bounds", true},
                                      {"ratio", true},
                                      {instructions ? "instructions" : "", true},
                                      {"cases"}}};
  for (const auto& [backend, sum] : sums) {
    if (sum.cases == 0) {
      table.rows.push_back({{backend}, {"-"}});
      continue;
    }
    const bool whole = sum.missing.empty() && network.not_understood == 0;
    table.rows.push_back({{backend},
                          {(whole ? "" : "at least ") + grouped(sum.counts.macs)},
                          report::count_cell(sum.formula.macs),
                          {ratio_text(sum)},
                          {instructions ? grouped(sum.instructions) : ""},
                          {fmt::format("{} of {}", sum.cases, network.cases.size())}});
  }
  std::string text = "\n" + report::to_text(table, 2);
  for (const auto& [backend, sum] : sums) {
    for (const auto& [reason, cases] : sum.missing) {
      text += fmt::format("    {}: {} of {} cases: {}, as of {}\n", backend, cases.size(),
                          network.cases.size(), reason, cases.front());
    }
  }
  return text;
}

nlohmann::json sums_json(const Sums& sums, std::size_t not_understood) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [backend, sum] : sums) {
    nlohmann::json missing = nlohmann::json::array();
    for (const auto& [reason, cases] : sum.missing) {
      missing.push_back({{"reason", reason}, {"cases", cases}});
    }
    json[backend] = {{"operations", counts_json(sum.counts)},
                     {"formula_in_bounds", counts_json(sum.formula)},
                     {"instructions", sum.instructions},
                     {"cases", sum.cases},
                     {"whole", missing.empty() && not_understood == 0},
                     {"missing", missing}};
  }
  return json;
}

nlohmann::json case_json(const CountedCase& one) {
  nlohmann::json json{{"layer", one.subject.layer->name},
                      {"shape", one.subject.layer->print(one.subject.values)},
                      {"uses", one.subject.uses},
                      {"counted", nlohmann::json::object()},
                      {"executed", nlohmann::json::object()}};
  for (const CountColumn& column : one.counted) {
    json["counted"][std::string(column.name)] =
        column.counts ? counts_json(*column.counts)
                      : nlohmann::json{{"unavailable", column.reason}};
  }
  for (const Account& account : one.executed) {
    json["executed"][std::string(account.subject.backend)] = to_json(account);
  }
  return json;
}

}  // namespace

CountedNetwork count_network(const models::Model& model, Pass pass, const CountedWanted& wanted) {
  CountedNetwork network;
  for (const models::ModelCase& one : models::distinct_cases(model)) {
    if (one.uses > 0 && one.layer->has(pass)) {
      network.cases.push_back(count_case(one, pass, wanted));
    }
  }
  network.not_understood = static_cast<std::size_t>(std::ranges::count_if(
      model.nodes, [](const models::ModelNode& node) { return !node.understood(); }));
  return network;
}

std::vector<std::string> counted_disagreements(const CountedNetwork& network) {
  std::vector<std::string> lines;
  for (const CountedCase& one : network.cases) {
    const bool refuted = !one.counted.empty() && one.counted.front().counts &&
                         *one.counted.front().counts != one.formula.in_bounds;
    if (refuted) {
      lines.push_back(
          fmt::format("{}: the reference does not do what the formula says", name_of(one.subject)));
    }
    for (const Account& account : one.executed) {
      if (!account.executed.disagreement.empty()) {
        lines.push_back(fmt::format("{}, {}: {}", name_of(one.subject), account.subject.backend,
                                    account.executed.disagreement));
      }
    }
  }
  return lines;
}

std::string counted_text(const CountedNetwork& network) {
  std::string text = "\n  Each distinct case ran once and counts as often as it is used.\n";
  const Sums counted = counted_sums(network);
  const Sums executed = executed_sums(network);
  text += counted.empty() ? "" : sums_text("counted", counted, network, false);
  text += executed.empty() ? "" : sums_text("executed", executed, network, true);
  if (network.not_understood != 0) {
    text += fmt::format("    {} nodes are not understood: nothing ran for them\n",
                        network.not_understood);
  }
  for (const std::string& line : counted_disagreements(network)) {
    text += fmt::format("  DISAGREES  {}\n", line);
  }
  return text;
}

nlohmann::json counted_json(const CountedNetwork& network) {
  nlohmann::json cases = nlohmann::json::array();
  for (const CountedCase& one : network.cases) {
    cases.push_back(case_json(one));
  }
  return {{"cases", std::move(cases)},
          {"counted", sums_json(counted_sums(network), network.not_understood)},
          {"executed", sums_json(executed_sums(network), network.not_understood)},
          {"disagreements", counted_disagreements(network)}};
}

}  // namespace flopmeter
