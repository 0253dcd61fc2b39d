// How backends are told apart in the charts: by colour and by shape, so that neither is needed.
// Colours of Okabe and Ito, which all kinds of colour vision tell apart.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "results/report/report_data.h"

namespace flopmeter::report {

/// Backends of all rows, by name: the index is that of their style.
std::vector<std::string> backends_of(const ReportData& data);

/// On white; "#0072B2". Repeats where there are more backends than styles.
std::string_view series_colour(std::size_t backend);

/// SVG path of a mark around the origin, some 10 pixels wide. Repeats likewise.
std::string_view series_path(std::size_t backend);

/// Paths of all marks, each once.
std::vector<std::string> series_marks();

}  // namespace flopmeter::report
