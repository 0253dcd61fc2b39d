// The report as Markdown, in short.
#pragma once

#include <string>

#include "results/report/report_data.h"

namespace flopmeter::report {

/// Sections with their text and tables; tables of more than 40 rows end with how many were left
/// out.
std::string markdown_report(const ReportData& data);

}  // namespace flopmeter::report
