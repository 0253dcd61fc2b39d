// One measured row in words: what a tooltip, a screen reader and a drawing say of a point.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "results/report/report_data.h"

namespace flopmeter::report {

/// Lines: the name, how it was run, rate with its convention, time, intensity, shares of peak and
/// roof, what bounds it, status. What was not measured is left out.
std::vector<std::string> describe_row(const ReportData& data, std::size_t row);

/// The lines joined by "; ".
std::string one_line(const std::vector<std::string>& lines);

}  // namespace flopmeter::report
