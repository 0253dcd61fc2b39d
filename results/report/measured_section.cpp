// What was measured and what was not, and why.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "results/report/section.h"

namespace flopmeter::report {
namespace {

constexpr std::array<std::string_view, 5> statuses{"ok", "noisy", "mistrusted", "failed",
                                                   "unavailable"};

std::size_t count_of(const ReportData& data, std::size_t environment, std::string_view status) {
  return static_cast<std::size_t>(std::ranges::count_if(data.rows, [&](const ReportRow& row) {
    return row.environment == environment && row.record.status == status;
  }));
}

TextTable status_table(const ReportData& data) {
  TextTable table{
      .id = "statuses", .caption = "Rows by status", .columns = {{"environment"}}, .rows = {}};
  for (const std::string_view status : statuses) {
    table.columns.push_back({std::string(status), true});
  }
  for (std::size_t i = 0; i < data.environments.size(); ++i) {
    std::vector<Cell> row{text_cell(letter(i) + ": " + data.environments[i].environment.cpu)};
    for (const std::string_view status : statuses) {
      row.push_back(count_cell(static_cast<std::int64_t>(count_of(data, i, status))));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string values_of(const ReportData& data, auto text_of) {
  std::set<std::string> values;
  for (const ReportRow& row : data.rows) {
    values.insert(text_of(row.record));
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
  add("layers", [](const Record& r) { return r.layer; });
  add("passes", [](const Record& r) { return r.pass; });
  add("backends", [](const Record& r) { return r.backend; });
  add("dtypes", [](const Record& r) { return r.dtype; });
  add("threads", [](const Record& r) {
    return r.threads ? fmt::format("{}", *r.threads) : std::string("not known");
  });
  add("caches", [](const Record& r) { return r.cache; });
  add("conventions of GFLOPS", [](const Record& r) { return r.convention; });
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
    for (const auto& [environment, r] : data.rows) {
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
  if (data.rows.empty()) {
    section.paragraphs.emplace_back(
        "The files hold no record: nothing was timed. flopmeter bench -o results.jsonl does.");
    return section;
  }
  section.paragraphs.push_back(fmt::format(
      "{} of cases. ok: agreed with the truth and timed steadily; noisy: timed, but the samples "
      "differ too much to be relied on; mistrusted: timed, but something contradicts the number; "
      "failed: disagreed with the truth, not timed; unavailable: the backend, library or machine "
      "cannot do it.",
      plural(data.rows.size(), "row")));
  section.tables = {status_table(data), extent_table(data)};
  TextTable troubled = troubled_table(data);
  if (!troubled.rows.empty()) {
    section.tables.push_back(std::move(troubled));
  }
  return section;
}

}  // namespace flopmeter::report
