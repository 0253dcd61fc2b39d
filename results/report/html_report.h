// The report as one HTML file that needs nothing else.
#pragma once

#include <string>

#include "results/report/report_data.h"

namespace flopmeter::report {

/// Style, script, chart library and data are in it; it asks no network for anything. Without a
/// script it shows the tables and a drawing of the roofline.
std::string html_report(const ReportData& data);

}  // namespace flopmeter::report
