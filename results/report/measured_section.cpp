// What was measured and what was not, and why.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "results/report/section.h"

namespace flopmeter::report {
namespace {

constexpr std::array<std::string_view, 5> statuses{"ok", "noisy", "mistrusted", "failed",
                                                   "unavailable"};

TextTable status_table(const ReportData& data) {
  TextTable table{
      .id = "statuses", .caption = "Rows by status", .columns = {{"environment"}}, .rows = {}};
  for (const std::string_view status : statuses) {
    table.columns.push_back({std::string(status), true});
  }
  std::map<std::tuple<std::size_t, Word>, std::int64_t> counts;
  for (const BriefRow& row : data.all) {
    ++counts[{row.environment, row.status}];
  }
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    std::vector<Cell> row{text_cell(letter(i) + ": " + data.environments[i].environment.cpu)};
    for (const std::string_view status : statuses) {
      row.push_back(count_cell(counts[{i, (*data.words)(status)}]));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string values_of(const ReportData& data, auto text_of) {
  std::set<std::string> values;
  for (const BriefRow& row : data.all) {
    values.insert(text_of(row));
  }
  return fmt::format("{}", fmt::join(values, ", "));
}

TextTable extent_table(const ReportData& data) {
  TextTable table{.id = "extent",
                  .caption = "What the rows are about",
                  .columns = {{"what"}, {"values"}},
                  .rows = {}};
  const auto add = [&](const char* what, auto text_of) {
    table.rows.push_back({text_cell(what), text_cell(values_of(data, text_of))});
  };
  add("layers", [](const BriefRow& r) { return r.layer.str(); });
  add("passes", [](const BriefRow& r) { return r.pass.str(); });
  add("backends", [](const BriefRow& r) { return r.backend.str(); });
  add("dtypes", [](const BriefRow& r) { return r.dtype.str(); });
  add("threads", [](const BriefRow& r) {
    return r.threads ? fmt::format("{}", *r.threads) : std::string("not known");
  });
  add("caches", [](const BriefRow& r) { return r.cache.str(); });
  add("conventions of GFLOPS", [](const BriefRow& r) { return r.convention.str(); });
  return table;
}

/// Those that are not simply ok, the worst first.
TextTable troubled_table(const ReportData& data) {
  TextTable table{
      .id = "troubled",
      .caption = "Rows that are not ok, with the reason",
      .columns = {{"environment"}, {"case"}, {"label"}, {"run"}, {"status"}, {"reason"}},
      .rows = {}};
  for (const std::string_view status : {"failed", "mistrusted", "noisy", "unavailable"}) {
    for (const auto& [environment, r, index] : data.rows) {
      if (r.status == status) {
        table.rows.push_back({text_cell(letter(environment)), text_cell(r.name), text_cell(r.label),
                              text_cell(setting(r)), text_cell(r.status), text_cell(r.reason)});
      }
    }
  }
  return table;
}

}  // namespace

Section measured_section(const ReportData& data) {
  Section section{
      .id = "measured", .title = "What was measured", .paragraphs = {}, .chart = "", .tables = {}};
  if (data.all.empty()) {
    section.paragraphs.emplace_back(
        "The files hold no record: nothing was timed. flopmeter bench -o results.jsonl does.");
    return section;
  }
  section.paragraphs.push_back(fmt::format(
      "{} of cases. ok: agreed with the truth and timed steadily; noisy: timed, but the samples "
      "differ too much to be relied on; mistrusted: timed, but something contradicts the number; "
      "failed: disagreed with the truth, not timed; unavailable: the backend, library or machine "
      "cannot do it.",
      plural(data.all.size(), "row")));
  section.tables = {status_table(data), extent_table(data)};
  TextTable troubled = troubled_table(data);
  if (!troubled.rows.empty()) {
    section.tables.push_back(std::move(troubled));
  }
  return section;
}

}  // namespace flopmeter::report
