// What flopmeter plan --check prints: predictions beside measured times, and what simple rules would have said.
#pragma once

#include <string>

#include "app/plan.h"
#include "results/record.h"

namespace flopmeter {

/// As a row of a result file: `note` holds the prediction.
Record checked_row(const std::string& model, const planner::Candidate& candidate,
                   const PlanMeasured& measured);

/// Whether every measured time lies within the interval of its prediction.
bool within_intervals(const PlanReport& report);

std::string check_text(const PlanReport& report);
/// Of one candidate, to be merged into its object, and of all together.
nlohmann::ordered_json check_json(const planner::Candidate& candidate,
                                  const PlanMeasured& measured);
nlohmann::ordered_json check_summary_json(const PlanReport& report);

}  // namespace flopmeter
