#include "app/compare_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <vector>

#include "results/cell.h"
#include "results/report/text_table.h"

namespace flopmeter {
namespace {

using compare::CaseResult;
using compare::Estimate;
using compare::GroupResult;
using compare::Verdict;

using report::TextTable;
using Render = std::string (*)(const TextTable&);

std::string percent(double share) { return significant(100 * share, 2) + " %"; }

std::string interval(const Estimate& estimate) {
  return fmt::format("{:.3f} .. {:.3f}", estimate.low, estimate.high);
}

std::string meaning(const Estimate& estimate) {
  const bool significant_shift =
      estimate.verdict == Verdict::slower || estimate.verdict == Verdict::faster;
  const std::string_view word = to_string(estimate.verdict);
  return significant_shift ? fmt::format("{:.1f} % {}", 100 * std::abs(estimate.ratio - 1), word)
                           : std::string(word);
}

std::string status_of(const compare::Pair& pair) {
  const std::string& a = pair.a.record->status;
  const std::string& b = pair.b.record->status;
  return a == b ? a : fmt::format("a {}, b {}", a, b);
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

TextTable case_table(const CompareReport& report) {
  TextTable table{.columns = {{"case"},
                              {"a", true},
                              {"b", true},
                              {"ratio", true},
                              {"", true},
                              {"interval", true},
                              {"b is"}}};
  for (const CaseResult& result : report.comparison.cases) {
    const bool ok = result.estimate.verdict != Verdict::not_judged;
    table.rows.push_back(
        {{title(*result.pair.a.record)},
         {scaled_time(*result.pair.a.record->seconds)},
         {scaled_time(*result.pair.b.record->seconds)},
         {fmt::format("{:.3f}", result.estimate.ratio)},
         {result.shift.normalised ? "n" : ""},
         {interval(result.estimate)},
         {ok ? meaning(result.estimate) : fmt::format("not judged: {}", status_of(result.pair))}});
  }
  return table;
}

std::string side(const CompareReport& report, const std::string& file,
                 std::string compare::By::*value) {
  return report.by ? fmt::format("{}, {} {}", file, report.by->field, *report.by.*value) : file;
}

std::string environments(const CompareReport& report) {
  const auto differing = compare::differences(report.pairing.pairs);
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
  return fmt::format("{} of {} cases are normalised by the peak beside each sample (n).",
                     std::ranges::count_if(
                         cases, [](const CaseResult& result) { return result.shift.normalised; }),
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
  for (const compare::Unpaired& one : report.pairing.unpaired) {
    by_reason[one.reason].push_back(title(*one.row.record));
  }
  std::string text = fmt::format("{} cases compared, {} not", report.comparison.cases.size(),
                                 report.pairing.unpaired.size());
  for (const auto& [reason, names] : by_reason) {
    text += fmt::format("\n- {} {}: {}", names.size(), reason, fmt::join(names, ", "));
  }
  return text + "\n";
}

std::string found(const CompareReport& report, Verdict wanted) {
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
  const auto count = std::ranges::count(
      cases, Verdict::not_judged, [](const CaseResult& result) { return result.estimate.verdict; });
  if (count == 0) {
    return "";
  }
  return fmt::format("{} of {} cases were not judged: bench --resume measures noisy rows again.\n",
                     count, cases.size());
}

std::string write(const CompareReport& report, Render render) {
  return fmt::format("a: {}\nb: {}\n{}\n{}\n{}\n{}\n{}\nSignificantly slower: {}. Faster: {}.\n{}",
                     side(report, report.a, &compare::By::a),
                     side(report, report.b, &compare::By::b), environments(report),
                     render(case_table(report)), render(group_table(report)), legend(report),
                     unpaired(report), found(report, Verdict::slower),
                     found(report, Verdict::faster), not_judged(report));
}

}  // namespace

std::string title(const Record& record) {
  return fmt::format(
      "{}{}{}", record.name,
      record.threads.value_or(1) == 1 ? "" : fmt::format("/threads:{}", *record.threads),
      record.cache == "cold" ? "/cache:cold" : "");
}

std::string to_text(const CompareReport& report) {
  return write(report, [](const TextTable& table) { return report::to_text(table); });
}
std::string to_markdown(const CompareReport& report) {
  return write(report, [](const TextTable& table) { return report::to_markdown(table); });
}

}  // namespace flopmeter
