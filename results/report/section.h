// What a report says, before it is a page or Markdown: sections of text and tables.
#pragma once

#include <string>
#include <vector>

#include "results/report/report_data.h"
#include "results/report/text_table.h"

namespace flopmeter::report {

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

}  // namespace flopmeter::report
