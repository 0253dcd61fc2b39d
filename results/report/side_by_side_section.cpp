// Several machines beside each other, on the cases that all of them have.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "results/cell.h"
#include "results/report/findings.h"
#include "results/report/section.h"

namespace flopmeter::report {
namespace {

/// Layer and shape.
using CaseKey = std::tuple<Word, Word>;
using CaseRows = std::map<CaseKey, const BriefRow*>;

/// What one machine took for the cases of a layer type.
struct LayerTime {
  double seconds = 0;
  double under_roof = 0;  // s
  bool has_roof = true;   // every case has one
};

CaseRows cases_of(const ReportData& data, std::size_t environment) {
  CaseRows rows;
  for (const std::size_t row : finding_rows(data, environment).fastest) {
    const BriefRow& record = data.all[row];
    rows[{record.layer, record.shape}] = &record;
  }
  return rows;
}

/// Those that every machine timed in the same setting, by layer.
std::map<std::string, std::vector<CaseKey>> common_cases(const std::vector<CaseRows>& machines) {
  std::map<std::string, std::vector<CaseKey>> common;
  for (const auto& [key, row] : machines.front()) {
    if (std::ranges::all_of(machines, [&](const CaseRows& rows) { return rows.contains(key); })) {
      common[std::get<0>(key).str()].push_back(key);
    }
  }
  return common;
}

LayerTime time_of(const CaseRows& rows, const std::vector<CaseKey>& keys) {
  LayerTime time;
  for (const CaseKey& key : keys) {
    const BriefRow& record = *rows.at(key);
    time.seconds += *record.seconds;
    time.has_roof = time.has_roof && record.percent_of_attainable;
    time.under_roof += *record.seconds * record.percent_of_attainable.value_or(0);
  }
  return time;
}

std::vector<Cell> layer_row(const std::string& layer, const std::vector<CaseKey>& keys,
                            const std::vector<CaseRows>& machines) {
  std::vector<Cell> cells{text_cell(layer), count_cell(static_cast<std::int64_t>(keys.size()))};
  const double first = time_of(machines.front(), keys).seconds;
  for (std::size_t i = 0; i < machines.size(); ++i) {
    const LayerTime time = time_of(machines[i], keys);
    cells.push_back(time_cell(time.seconds));
    cells.push_back(
        percent_cell(time.has_roof ? std::optional(time.under_roof / time.seconds) : std::nullopt));
    if (i > 0) {
      cells.push_back(number_cell(first / time.seconds, 3));
    }
  }
  return cells;
}

std::vector<Column> columns_of(std::size_t machines) {
  std::vector<Column> columns{{"layer"}, {"cases", true}};
  for (std::size_t i = 0; i < machines; ++i) {
    columns.push_back({letter(i) + ", time", true});
    columns.push_back({letter(i) + ", % of roof", true});
    if (i > 0) {
      columns.push_back({letter(i) + ", times as fast as A", true});
    }
  }
  return columns;
}

bool same_setting(const ReportData& data) {
  std::set<std::string> settings;
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    settings.insert(finding_rows(data, i).setting);
  }
  return settings.size() == 1 && !settings.contains("");
}

}  // namespace

Section side_by_side_section(const ReportData& data) {
  Section section{.id = "side-by-side",
                  .title = "The machines side by side",
                  .paragraphs = {},
                  .chart = "",
                  .tables = {}};
  std::vector<CaseRows> machines;
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    machines.push_back(cases_of(data, i));
  }
  const auto common = common_cases(machines);
  if (!same_setting(data) || common.empty()) {
    section.paragraphs.emplace_back(
        "No case was timed on all of them with the same number type, pass, threads and caches.");
  } else {
    section.paragraphs.push_back(fmt::format(
        "{}. Cases that all machines timed, each by the backend that was fastest there: the sum of "
        "their median times, and the time that they need under that machine's roofs over it.",
        finding_rows(data, 0).setting));
  }
  TextTable table{.id = "machines",
                  .caption = "Layer types on each machine",
                  .columns = columns_of(machines.size()),
                  .rows = {}};
  for (const auto& [layer, keys] : common) {
    if (same_setting(data)) {
      table.rows.push_back(layer_row(layer, keys, machines));
    }
  }
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace flopmeter::report
