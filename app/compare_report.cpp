#include "app/compare_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "results/cell.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

using compare::CaseResult;
using compare::Estimate;
using compare::GroupResult;
using compare::RateChange;

using report::TextTable;
using Render = std::string (*)(const TextTable&);

constexpr std::size_t most_listed = 400;  // cases
constexpr std::size_t most_named = 50;    // of those that are not compared, for each reason

std::string percent(double share) { return significant(100 * share, 2) + " %"; }

std::string interval(const Estimate& estimate) {
  return fmt::format("{:.3f} .. {:.3f}", estimate.low, estimate.high);
}

std::string meaning(const Estimate& estimate) {
  const bool significant_shift =
      estimate.verdict == RateChange::slower || estimate.verdict == RateChange::faster;
  const std::string_view word = to_string(estimate.verdict);
  return significant_shift ? fmt::format("{:.1f} % {}", 100 * std::abs(estimate.ratio - 1), word)
                           : std::string(word);
}

std::string status_of(const compare::PairedCase& one) {
  return one.status_a == one.status_b ? one.status_a
                                      : fmt::format("a {}, b {}", one.status_a, one.status_b);
}

TextTable group_table(const CompareReport& report) {
  TextTable table{.columns = {{"backend"},
                              {"layer"},
                              {"cases", true},
                              {"noisy", true},
                              {"ratio", true},
                              {"interval", true},
                              {"b is"}}};
  for (const GroupResult& group : report.comparison.groups) {
    table.rows.push_back({{group.backend},
                          {group.layer.empty() ? "all" : group.layer},
                          {fmt::format("{}", group.cases)},
                          {fmt::format("{}", group.noisy)},
                          {fmt::format("{:.3f}", group.estimate.ratio)},
                          {interval(group.estimate)},
                          {meaning(group.estimate)}});
  }
  return table;
}

/// All cases, or those that are listed where there are too many: first what became slower or faster, then the largest
/// shifts.
std::vector<const CaseResult*> listed(const std::vector<CaseResult>& cases) {
  std::vector<const CaseResult*> some;
  std::ranges::transform(cases, std::back_inserter(some),
                         [](const CaseResult& one) { return &one; });
  if (some.size() > most_listed) {
    std::ranges::stable_sort(some, std::ranges::greater{}, [](const CaseResult* one) {
      const RateChange verdict = one->estimate.verdict;
      return std::pair(verdict == RateChange::slower || verdict == RateChange::faster,
                       std::abs(std::log(one->estimate.ratio)));
    });
    some.resize(most_listed);
  }
  return some;
}

TextTable case_table(const CompareReport& report) {
  TextTable table{.columns = {{"case"},
                              {"a", true},
                              {"b", true},
                              {"ratio", true},
                              {"", true},
                              {"interval", true},
                              {"b is"}}};
  for (const CaseResult* result : listed(report.comparison.cases)) {
    const bool ok = result->estimate.verdict != RateChange::not_judged;
    table.rows.push_back(
        {{result->of.a},
         {scaled_time(result->of.seconds_a)},
         {scaled_time(result->of.seconds_b)},
         {fmt::format("{:.3f}", result->estimate.ratio)},
         {result->of.shift.normalised ? "n" : ""},
         {interval(result->estimate)},
         {ok ? meaning(result->estimate) : fmt::format("not judged: {}", status_of(result->of))}});
  }
  return table;
}

std::string not_listed(const CompareReport& report) {
  const std::size_t cases = report.comparison.cases.size();
  return cases <= most_listed
             ? ""
             : fmt::format(
                   "\n{} of {} cases are listed, first what became slower or faster, then the "
                   "largest ratios; --json has all.\n",
                   most_listed, cases);
}

std::string side(const CompareReport& report, const std::string& file,
                 std::string compare::By::*value) {
  return report.by ? fmt::format("{}, {} {}", file, report.by->field, *report.by.*value) : file;
}

std::string environments(const CompareReport& report) {
  const auto& differing = report.differences;
  if (differing.empty()) {
    return "The environments are the same.\n";
  }
  std::string text = "The environments differ, and the comparison is about that too:\n";
  for (const compare::Difference& difference : differing) {
    const auto shown = [](const std::string& value) { return value.empty() ? "-" : value; };
    text += fmt::format("- {}: {} in a, {} in b\n", difference.field, shown(difference.a),
                        shown(difference.b));
  }
  return text;
}

std::string normalising(const CompareReport& report) {
  const auto& cases = report.comparison.cases;
  if (!report.settings.normalise) {
    return "Nothing is normalised (--raw).";
  }
  return fmt::format(
      "{} of {} cases are normalised by the peak beside each sample (n).",
      std::ranges::count_if(cases,
                            [](const CaseResult& result) { return result.of.shift.normalised; }),
      cases.size());
}

std::string between_runs(const CompareReport& report) {
  std::string text;
  for (const compare::BetweenRuns& between : report.comparison.between) {
    text += fmt::format("{}{} {} ({})", text.empty() ? "" : ", ", between.backend,
                        percent(between.deviation), between.estimated ? "estimated" : "assumed");
  }
  return text;
}

std::string legend(const CompareReport& report) {
  const compare::Settings& settings = report.settings;
  return fmt::format(
      "ratio     time of b / time of a, above 1: b is slower; of groups the geometric mean, "
      "weighted by precision.\n          {}\n"
      "interval  at {} for each ratio by itself, with the noise between two runs: {}\n"
      "b is      slower, faster: by more than {}, with a chance of at most {} of any false alarm "
      "in the "
      "report (Holm);\n          same: the interval lies within {}; unclear: neither; not judged: "
      "noisy or mistrusted, or fewer than 3 cases\n",
      normalising(report), percent(settings.confidence), between_runs(report),
      percent(settings.smallest_effect), percent(1 - settings.confidence),
      percent(settings.smallest_effect));
}

/// "3 only in a, 1 b: failed: ..." and the first few of each.
std::string unpaired(const CompareReport& report) {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const Unpaired& one : report.unpaired) {
    by_reason[one.reason].push_back(one.title);
  }
  std::string text = fmt::format("{} cases compared, {} not", report.comparison.cases.size(),
                                 report.unpaired.size());
  for (const auto& [reason, names] : by_reason) {
    const std::size_t named = std::min(names.size(), most_named);
    text += fmt::format("\n- {} {}: {}{}", names.size(), reason,
                        fmt::join(std::span(names).first(named), ", "),
                        named < names.size() ? ", ..." : "");
  }
  return text + "\n";
}

std::string found(const CompareReport& report, RateChange wanted) {
  std::string text;
  for (const GroupResult& group : report.comparison.groups) {
    if (group.estimate.verdict == wanted) {
      text += fmt::format("{}{} {} ({:.3f})", text.empty() ? "" : ", ", group.backend,
                          group.layer.empty() ? "as a whole" : group.layer, group.estimate.ratio);
    }
  }
  const auto cases = std::ranges::count_if(report.comparison.cases, [&](const CaseResult& result) {
    return result.estimate.verdict == wanted;
  });
  if (cases > 0) {
    text += fmt::format("{}{} case{}", text.empty() ? "" : ", ", cases, cases == 1 ? "" : "s");
  }
  return text.empty() ? "nothing" : text;
}

/// Prevents a quiet "nothing" from being read as "all is well".
std::string not_judged(const CompareReport& report) {
  const auto& cases = report.comparison.cases;
  const auto count =
      std::ranges::count(cases, RateChange::not_judged,
                         [](const CaseResult& result) { return result.estimate.verdict; });
  if (count == 0) {
    return "";
  }
  return fmt::format("{} of {} cases were not judged: bench --resume measures noisy rows again.\n",
                     count, cases.size());
}

std::string write(const CompareReport& report, Render render) {
  return fmt::format(
      "a: {}\nb: {}\n{}\n{}{}\n{}\n{}\n{}\nSignificantly slower: {}. Faster: {}.\n{}",
      side(report, report.a, &compare::By::a), side(report, report.b, &compare::By::b),
      environments(report), render(case_table(report)), not_listed(report),
      render(group_table(report)), legend(report), unpaired(report),
      found(report, RateChange::slower), found(report, RateChange::faster), not_judged(report));
}

}  // namespace

std::string to_text(const CompareReport& report) {
  return write(report, [](const TextTable& table) { return report::to_text(table); });
}
std::string to_markdown(const CompareReport& report) {
  return write(report, [](const TextTable& table) { return report::to_markdown(table); });
}

}  // namespace flopmeter
