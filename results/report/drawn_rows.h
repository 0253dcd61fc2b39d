// Which rows are drawn where there are too many.
#pragma once

#include <cstddef>
#include <vector>

#include "results/report/report_data.h"

namespace flopmeter::report {

/// Indices into `all`, ascending, at most `most`.
std::vector<std::size_t> drawn_rows(const std::deque<BriefRow>& all, std::size_t most);

}  // namespace flopmeter::report
