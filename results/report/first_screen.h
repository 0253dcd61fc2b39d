// The top of the page, without scrolling: each machine in one line, its roofline, the findings.
#pragma once

#include <string>

#include "results/report/report_data.h"

namespace flopmeter::report {

/// HTML. The script replaces the drawing in each figure by one that answers to the pointer. Several
/// machines stand side by side: a picture and a column of findings for each.
std::string html_first_screen(const ReportData& data);

}  // namespace flopmeter::report
