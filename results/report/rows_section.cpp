// Every row, every field that has a heading.
#include "results/cell.h"
#include "results/report/section.h"

namespace flopmeter::report {
namespace {

template <class T>
std::optional<double> sort_value(const std::optional<T>& value) {
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}
std::optional<double> sort_value(const std::string&) { return std::nullopt; }
std::optional<double> sort_value(const std::vector<double>&) { return std::nullopt; }

Cell field_cell(const Record& record, const RecordField& field) {
  const std::string text = cell(record, field);
  return {
      .text = text.empty() && is_number(field) ? "-" : text,
      .value = std::visit([&](auto member) { return sort_value(record.*member); }, field.member)};
}

}  // namespace

Section rows_section(const ReportData& data) {
  Section section{.id = "rows",
                  .title = data.rows.size() == data.all.size() ? "All rows" : "Rows",
                  .paragraphs = {},
                  .chart = "",
                  .tables = {}};
  if (data.rows.empty()) {
    section.paragraphs.emplace_back("The files hold no record.");
    return section;
  }
  section.paragraphs.emplace_back(
      "Time is the median for one call; spread (largest - smallest) / median of the samples. "
      "GFLOPS are 10^9 operations a second by the convention of the row, GMAC/s 10^9 in-bounds "
      "multiply-accumulates a second, GB/s compulsory bytes over time, which caches may have "
      "served.");
  const bool all = data.rows.size() == data.all.size();
  if (!all) {
    section.paragraphs.push_back(left_out_text(data));
  }
  TextTable table{.id = "all-rows",
                  .caption = all ? "All rows" : "Rows that are drawn",
                  .columns = {{"environment"}},
                  .rows = {},
                  .searched = true};
  for (const RecordField& field : record_fields()) {
    if (!field.heading.empty()) {
      table.columns.push_back({std::string(field.heading), is_number(field)});
    }
  }
  for (const auto& [environment, record, index] : data.rows) {
    std::vector<Cell> row{text_cell(letter(environment))};
    for (const RecordField& field : record_fields()) {
      if (!field.heading.empty()) {
        row.push_back(field_cell(record, field));
      }
    }
    table.rows.push_back(std::move(row));
  }
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace flopmeter::report
