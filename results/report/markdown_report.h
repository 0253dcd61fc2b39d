// The report as Markdown, in short.
#pragma once

#include <string>

#include "results/report/report_data.h"

namespace flopmeter::report {

/// Short enough for an issue or a chat: for each environment its machine, the findings of the page's
/// first screen and GFLOPS by layer type and backend; formulas that were refuted.
std::string markdown_report(const ReportData& data);

}  // namespace flopmeter::report
