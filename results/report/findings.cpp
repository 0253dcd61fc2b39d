#include "results/report/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "results/cell.h"
#include "results/report/section.h"
#include "statistics/statistics.h"

namespace flopmeter::report {
namespace {

constexpr std::size_t named_layers = 3;

/// A name and its share in percent, the largest first.
using Shares = std::vector<std::pair<std::string, double>>;

std::string share_text(const std::pair<std::string, double>& share) {
  return fmt::format("{} {} %", share.first, significant(share.second, 3));
}

/// What stands behind the first one.
std::string others_text(const Shares& shares) {
  std::string text;
  for (std::size_t i = 1; i < std::min(shares.size(), named_layers); ++i) {
    text += (text.empty() ? "then " : ", ") + share_text(shares[i]);
  }
  return text;
}

/// Time under the roofs over time, by layer type.
Shares shares_of_roof(const ReportData& data, const FindingRows& rows) {
  struct Sum {
    double under_roof = 0;  // s
    double taken = 0;       // s
  };
  std::map<std::string, Sum> sums;
  for (const std::size_t i : rows.fastest) {
    const BriefRow& record = data.all[i];
    if (record.status == "ok" && record.percent_of_attainable.value_or(0) > 0) {
      Sum& sum = sums[record.layer.str()];
      sum.under_roof += *record.seconds * *record.percent_of_attainable;
      sum.taken += *record.seconds;
    }
  }
  Shares shares;
  for (const auto& [layer, sum] : sums) {
    shares.emplace_back(layer, sum.under_roof / sum.taken);
  }
  std::ranges::stable_sort(shares, std::ranges::greater{}, &Shares::value_type::second);
  return shares;
}

Finding against_roof(std::string topic, const Shares& shares) {
  if (shares.empty()) {
    return {std::move(topic), "not known", "no steady row has a roof: flopmeter bench measures it"};
  }
  return {std::move(topic), share_text(shares.front()) + " of its roof", others_text(shares)};
}

Finding bounds(const ReportData& data, const FindingRows& rows) {
  std::map<std::string, double> seconds;
  double total = 0;
  for (const std::size_t i : rows.fastest) {
    const BriefRow& record = data.all[i];
    if (!record.bound.empty()) {
      seconds[record.bound.str()] += *record.seconds;
      total += *record.seconds;
    }
  }
  if (seconds.empty()) {
    return {"bound by", "not known", "no row says what bounds it: flopmeter bench does"};
  }
  Shares shares;
  for (const auto& [bound, time] : seconds) {
    shares.emplace_back(bound, 100 * time / total);
  }
  std::ranges::stable_sort(shares, std::ranges::greater{}, &Shares::value_type::second);
  return {"bound by", share_text(shares.front()) + " of the time", others_text(shares)};
}

/// Files from before formula and numbers had words of their own hold the verdict in full alone.
bool says(const ClaimRow& row, const std::string& word_of_its_own, std::string_view verdict) {
  const bool older = row.formula.empty() && row.numbers.empty();
  return word_of_its_own == verdict || (older && row.verdict.find(verdict) != std::string::npos);
}

/// flopmeter's own formulas and those of guides: neither depends on the machine.
Finding refuted(const ReportData& data) {
  if (data.formulas.empty() && data.claims.empty()) {
    return {"refuted", "not known", "no formula was judged: flopmeter validate, flopmeter claims"};
  }
  const auto own = std::ranges::count(data.formulas, "refuted", &FormulaRow::verdict);
  const auto guides = std::ranges::count_if(
      data.claims, [](const ClaimRow& row) { return says(row, row.formula, "refuted"); });
  const auto misprinted = std::ranges::count_if(
      data.claims, [](const ClaimRow& row) { return says(row, row.numbers, "misprinted"); });
  return {"refuted",
          data.formulas.empty() ? std::string("no formula of ours was judged")
                                : fmt::format("{} of {} formulas", own, data.formulas.size()),
          data.claims.empty() ? std::string("guides were not judged: flopmeter claims")
                              : fmt::format("of {} claims of guides {} refuted, {} misprinted",
                                            data.claims.size(), guides, misprinted)};
}

Finding noise(const ReportData& data, std::size_t environment) {
  std::int64_t steady = 0;
  std::int64_t unsteady = 0;
  std::vector<double> spreads;
  for (const BriefRow& row : data.all) {
    if (row.environment != environment || !timed(row)) {
      continue;
    }
    ++(row.status == "ok" ? steady : unsteady);
    if (row.spread) {
      spreads.push_back(*row.spread);
    }
  }
  if (steady + unsteady == 0) {
    return {"noise", "not known", "nothing was timed: flopmeter bench -o results.jsonl does"};
  }
  return {"noise", fmt::format("{} of {} rows not steady", unsteady, steady + unsteady),
          spreads.empty() ? std::string("no row says how far its samples lie apart")
                          : fmt::format("samples {} % apart in the middle row",
                                        significant(100 * median(spreads), 2))};
}

}  // namespace

std::vector<Finding> findings(const ReportData& data, std::size_t environment) {
  const FindingRows rows = finding_rows(data, environment);
  Shares shares = shares_of_roof(data, rows);
  Finding fastest = against_roof("fastest", shares);
  std::ranges::reverse(shares);
  return {std::move(fastest), against_roof("slowest", shares), bounds(data, rows), refuted(data),
          noise(data, environment)};
}

std::string findings_text(const ReportData& data) {
  std::string text;
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    const std::string setting = finding_rows(data, i).setting;
    text += fmt::format("{}{}: {}\n", i == 0 ? "" : "\n", letter(i), machine_line(data, i));
    if (!setting.empty()) {
      text += fmt::format("{}; each case by its fastest backend\n", setting);
    }
    for (const Finding& finding : findings(data, i)) {
      text += fmt::format("  {:<9} {}{}{}\n", finding.topic, finding.headline,
                          finding.detail.empty() ? "" : "; ", finding.detail);
    }
  }
  return text;
}

}  // namespace flopmeter::report
