#include "results/report/markdown_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "results/report/escape.h"
#include "results/report/findings.h"
#include "results/report/text_table.h"
#include "statistics/statistics.h"

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

/// Layer types down, backends across, of the rows that the findings are about: medians of GFLOPS.
TextTable rates_of(const ReportData& data, const std::vector<std::size_t>& rows) {
  std::vector<Word> layers;
  std::vector<Word> backends;
  std::map<std::pair<Word, Word>, std::vector<double>> values;
  const auto note = [](std::vector<Word>& seen, const Word& word) {
    if (std::ranges::find(seen, word) == seen.end()) {
      seen.push_back(word);
    }
  };
  for (const std::size_t row : rows) {
    const BriefRow& r = data.all[row];
    if (r.gflops) {
      note(layers, r.layer);
      note(backends, r.backend);
      values[{r.layer, r.backend}].push_back(*r.gflops);
    }
  }
  TextTable table{.columns = {{"layer"}}};
  for (const Word& backend : backends) {
    table.columns.push_back({backend, true});
  }
  for (const Word& layer : layers) {
    std::vector<Cell> cells{text_cell(layer)};
    for (const Word& backend : backends) {
      const auto found = values.find({layer, backend});
      cells.push_back(found == values.end() ? Cell{"-"} : number_cell(median(found->second)));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

std::string rates_table(const ReportData& data, std::size_t environment) {
  const FindingRows rows = finding_rows(data, environment);
  const TextTable table = rates_of(data, rows.all);
  return rows.all.empty() ? std::string("\nThe files hold no time of it.\n")
         : table.rows.empty()
             ? std::string("\nNo row has a rate.\n")
             : fmt::format("\nGFLOPS, median of the cases of a layer type ({}):\n\n{}",
                           escape_markdown(rows.setting), to_markdown(table, most_rows));
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
  if (data.machines_left_out > 0) {
    text += "\n" + escape_markdown(left_out_text(data)) + "\n";
  }
  return text + fmt::format("\nAll of it: `flopmeter report {} -o report.html`\n",
                            fmt::join(data.files, " "));
}

}  // namespace flopmeter::report
