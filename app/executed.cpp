#include "app/executed.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "app/counts_json.h"
#include "app/executed_spots.h"
#include "app/text.h"
#include "counters/executed/arithmetic/flops.h"
#include "counters/executed/arithmetic/names.h"
#include "results/report/text_table.h"
#include "validate/executed/shares.h"

namespace flopmeter {
namespace {

nlohmann::json kinds_json(const executed::Totals& totals) {
  nlohmann::json object = nlohmann::json::object();
  totals.for_each([&](const executed::Arithmetic& arithmetic, const executed::Cell& cell) {
    object[executed::to_string(arithmetic)] = {
        {"instructions", cell.instructions}, {"active", cell.active}, {"full", cell.full}};
  });
  return object;
}

nlohmann::json factors_json(const std::vector<Factor>& factors) {
  nlohmann::json list = nlohmann::json::array();
  for (const Factor& factor : factors) {
    list.push_back({{"effect", factor.effect},
                    {"text", factor.text},
                    {"numerator", factor.numerator},
                    {"denominator", factor.denominator}});
  }
  return list;
}

std::optional<double> ratio_of(const Explanation& explanation) {
  if (explanation.formula == 0) {
    return std::nullopt;
  }
  return static_cast<double>(explanation.executed) / static_cast<double>(explanation.formula);
}

std::optional<double> percent(const std::optional<double>& share) {
  return share ? std::optional(100 * *share) : std::nullopt;
}

/// What makes the totals less than all that ran.
std::string remarks_text(const executed::Remarks& remarks) {
  std::string text;
  if (remarks.threads_created + remarks.processes_created > 0) {
    text += fmt::format("; {} threads and {} processes ran uncounted", remarks.threads_created,
                        remarks.processes_created);
  }
  return text + (remarks.repeated ? "; rep instructions count once" : "");
}

std::string shares_text(const Executed& executed) {
  const Shares all = shares(executed);
  std::string text;
  const auto add = [&](const std::optional<double>& value, const char* format) {
    if (value) {
      text += (text.empty() ? "" : ", ") + fmt::format(fmt::runtime(format), *value);
    }
  };
  add(percent(all.fma), "FMA share {:.1f} %");
  add(all.dot.value_or(0) > 0 ? percent(all.dot) : std::nullopt, "dot products {:.1f} %");
  add(all.instructions_per_mac, "{:.3g} instructions a MAC");
  add(percent(all.lane_use), "lane use {:.1f} %");
  return text;
}

/// One heading with its counts.
struct ExecutedColumn {
  std::string heading;
  const OpCounts* counts;
  std::int64_t instructions;
};

std::vector<ExecutedColumn> executed_columns(std::span<const Account> accounts) {
  std::vector<ExecutedColumn> all;
  for (const Account& account : accounts) {
    const Executed& executed = account.executed;
    if (executed.counted()) {
      all.push_back(
          {std::string(account.subject.backend), &executed.active, executed.instructions});
    }
    if (executed.active != executed.full) {
      all.push_back(
          {fmt::format("{} full", account.subject.backend), &executed.full, executed.instructions});
    }
  }
  return all;
}

constexpr std::size_t executed_width = 18;

template <class Count>
void add_row(report::TextTable& table, std::string_view name,
             const std::vector<ExecutedColumn>& all, Count count) {
  auto& row = table.rows.emplace_back(std::vector<report::Cell>{{std::string(name)}});
  for (const ExecutedColumn& column : all) {
    row.push_back({grouped(count(column))});
  }
}

std::string counts_table(const std::vector<ExecutedColumn>& all) {
  report::TextTable table{.columns = {{"executed", false, executed_width}}};
  for (const ExecutedColumn& column : all) {
    table.columns.push_back({column.heading, true, executed_width});
  }
  for (const OpKind& kind : op_kinds) {
    const auto count = [&](const ExecutedColumn& c) { return c.counts->*kind.count; };
    if (std::ranges::any_of(all, [&](const ExecutedColumn& c) { return count(c) != 0; })) {
      add_row(table, kind.name, all, count);
    }
  }
  add_row(table, "instructions", all, [](const ExecutedColumn& c) { return c.instructions; });
  return report::to_text(table, 2) + "\n";
}

std::string functions_table(std::span<const Account> accounts) {
  report::TextTable table{.columns = {{"arithmetic of", false, executed_width},
                                      {"macs", true, executed_width},
                                      {"multiplies", true, executed_width},
                                      {"adds", true, executed_width},
                                      {"function"}}};
  for (const Account& account : accounts) {
    add_spots(table, account.subject.backend, account.executed.hot_spots);
  }
  return table.rows.empty() ? "" : report::to_text(table, 2) + "\n";
}

}  // namespace

nlohmann::json to_json(const Account& account) {
  const Executed& executed = account.executed;
  if (!executed.counted()) {
    return {{"unavailable", executed.problem}};
  }
  const Shares all = shares(executed);
  const Explanation& explanation = *account.explanation;
  return {{"active", counts_json(executed.active)},
          {"full", counts_json(executed.full)},
          {"kinds", kinds_json(executed.totals)},
          {"functions", spots_json(executed.hot_spots)},
          {"instructions", executed.instructions},
          {"quantity", explanation.quantity},
          {"formula", explanation.formula},
          {"executed", explanation.executed},
          {"ratio", json_or_null(ratio_of(explanation))},
          {"factors", factors_json(explanation.factors)},
          {"unexplained", explanation.unexplained},
          {"fma_share", json_or_null(all.fma)},
          {"dot_share", json_or_null(all.dot)},
          {"instructions_per_mac", json_or_null(all.instructions_per_mac)},
          {"lane_use", json_or_null(all.lane_use)},
          {"implementation", executed.implementation},
          {"disagreement", executed.disagreement},
          {"threads_created", executed.remarks.threads_created},
          {"processes_created", executed.remarks.processes_created},
          {"repeated", executed.remarks.repeated}};
}

std::string executed_line(const Account& account) {
  const Executed& executed = account.executed;
  if (!executed.counted()) {
    return "unavailable: " + executed.problem;
  }
  const std::string shares = shares_text(executed);
  return (executed.disagreement.empty() ? "" : "RESULT CHANGED: " + executed.disagreement + "; ") +
         to_string(*account.explanation) + (shares.empty() ? "" : "; " + shares) +
         remarks_text(executed.remarks);
}

std::string executed_text(std::span<const Account> accounts) {
  const std::vector<ExecutedColumn> all = executed_columns(accounts);
  std::string text = all.empty() ? "" : counts_table(all);
  text += functions_table(accounts);
  for (const Account& account : accounts) {
    text += fmt::format("  {:<10} {}\n", account.subject.backend, executed_line(account));
  }
  return text +
         "  executed   machine instructions of one call on one thread x lanes that masks let "
         "through;\n"
         "             full: x all lanes of the registers; ratio to the dense formula\n";
}

void set_executed(Record& record, const Account& account) {
  const Executed& executed = account.executed;
  record.executed = executed_line(account);
  if (!executed.counted()) {
    return;
  }
  const Shares all = shares(executed);
  record.executed_macs = executed.active.macs;
  record.executed_macs_full = executed.full.macs;
  record.executed_flops = exact_flops(executed.totals, executed::Lanes::active);
  record.executed_flops_full = exact_flops(executed.totals, executed::Lanes::full);
  record.executed_instructions = executed.instructions;
  record.executed_ratio = ratio_of(*account.explanation);
  record.executed_unexplained = account.explanation->unexplained;
  record.fma_share = percent(all.fma);
  record.instructions_per_mac = all.instructions_per_mac;
  record.lane_use = percent(all.lane_use);
}

}  // namespace flopmeter
