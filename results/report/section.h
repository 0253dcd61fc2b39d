// What a report says, before it is a page or Markdown: sections of text and tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/report/report_data.h"

namespace flopmeter::report {

/// A cell as it is shown, and the number that it is sorted by; without one, by its text.
struct Cell {
  std::string text;
  std::optional<double> value = {};
};

struct Column {
  std::string heading;
  bool number = false;  // aligned right
};

struct TextTable {
  std::string id;  // of the element, and unique in the report; empty: none
  std::string caption;
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  bool searched = false;  // with a search field
};

struct Section {
  std::string id;
  std::string title;
  std::vector<std::string> paragraphs;
  std::string chart;  // the id of a chart that a script draws above the tables; empty: none
  std::vector<TextTable> tables;
};

/// Of several machines only.
Section side_by_side_section(const ReportData& data);
Section machine_section(const ReportData& data);
Section measured_section(const ReportData& data);
Section verdict_section(const ReportData& data);
Section counts_section(const ReportData& data);
Section rates_section(const ReportData& data);
Section order_section(const ReportData& data);
Section roofline_section(const ReportData& data);
Section scaling_section(const ReportData& data);
Section rows_section(const ReportData& data);

/// All of them, in the order of the report: what was found, then what it was found on and with.
std::vector<Section> sections(const ReportData& data);

/// Cells of common kinds. What is not known is "-".
Cell text_cell(std::string text);
Cell count_cell(std::optional<std::int64_t> value);             // 16,384,000
Cell number_cell(std::optional<double> value, int digits = 4);  // 131.1
Cell percent_cell(std::optional<double> value);                 // 80.0 %
Cell time_cell(std::optional<double> seconds);                  // 250.0 us

/// "1 row", "2 rows"; "2 layers and passes", where an s behind it is not enough.
std::string plural(std::size_t count, const std::string& one, const std::string& many = "");

}  // namespace flopmeter::report
