// What the page's script draws, as JSON.
#pragma once

#include "results/json.h"
#include "results/report/report_data.h"

namespace flopmeter::report {

/// {"environments", "backends", "marks", "points", "rates", "scaling", "rooflines"}: numbers to
/// place marks, and every text that is shown of them, so that the script formats nothing. A point
/// is a timed row and has the texts of describe_row.
Json chart_data(const ReportData& data);

}  // namespace flopmeter::report
