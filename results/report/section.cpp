#include "results/report/section.h"

namespace flopmeter::report {

std::vector<Section> sections(const ReportData& data) {
  // The charts that filters govern come first, one behind the other.
  std::vector<Section> all{rates_section(data),    roofline_section(data), scaling_section(data),
                           order_section(data),    verdict_section(data),  counts_section(data),
                           measured_section(data), rows_section(data),     machine_section(data)};
  if (data.environments.size() > 1) {
    all.insert(all.begin(), side_by_side_section(data));
  }
  return all;
}

}  // namespace flopmeter::report
