#include "results/report/markdown_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "results/report/escape.h"
#include "results/report/findings.h"
#include "results/report/pivot.h"
#include "results/report/text_table.h"

namespace flopmeter::report {
namespace {

// So that it can be pasted into an issue or a chat and read there.
constexpr std::size_t most_rows = 40;
constexpr std::size_t most_counterexamples = 5;

std::string findings_list(const ReportData& data, std::size_t environment) {
  std::string text;
  for (const Finding& finding : findings(data, environment)) {
    text += fmt::format("- {}: **{}**{}{}\n", finding.topic, escape_markdown(finding.headline),
                        finding.detail.empty() ? "" : "; ", escape_markdown(finding.detail));
  }
  return text;
}

/// The formulas of ours that a count refuted: they are what one asks about first.
std::string counterexamples(const ReportData& data) {
  std::string text;
  std::size_t found = 0;
  for (const FormulaRow& row : data.formulas) {
    if (row.verdict == "refuted" && ++found <= most_counterexamples) {
      text += fmt::format("- refuted: {} {}: {}\n", escape_markdown(row.layer),
                          escape_markdown(row.pass), escape_markdown(row.counterexample));
    }
  }
  return text;
}

/// Layer types down, backends across, of the rows that the findings are about.
std::string rates_table(const ReportData& data, std::size_t environment) {
  ReportData chosen = data;
  chosen.rows.clear();
  for (const std::size_t row : finding_rows(data, environment).all) {
    chosen.rows.push_back(data.rows[row]);
  }
  if (chosen.rows.empty()) {
    return "\nThe files hold no time of it.\n";
  }
  const Pivot gathered = pivot(chosen, {.by = {field_of_key("layer"), field_of_key("backend")},
                                        .value = field_of_key("gflops"),
                                        .where = {},
                                        .fold = Fold::median});
  return gathered.table.rows.empty()
             ? std::string("\nNo row has a rate.\n")
             : fmt::format("\nGFLOPS, median of the cases of a layer type ({}):\n\n{}",
                           escape_markdown(finding_rows(data, environment).setting),
                           to_markdown(gathered.table, most_rows));
}

}  // namespace

std::string markdown_report(const ReportData& data) {
  std::string text;
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    text += fmt::format("{}**{}** {}\n\n", i == 0 ? "" : "\n", letter(i),
                        escape_markdown(machine_line(data, i)));
    text += findings_list(data, i) + (i == 0 ? counterexamples(data) : "") + rates_table(data, i);
  }
  if (data.environments.empty()) {
    text += "The files hold no record.\n";
  }
  return text + fmt::format("\nAll of it: `flopmeter report {} -o report.html`\n",
                            fmt::join(data.files, " "));
}

}  // namespace flopmeter::report
