// flopmeter plan --check: the networks of a plan run here, beside what was predicted.
#pragma once

#include "app/plan.h"
#include "models/chain/chain.h"

namespace flopmeter {

/// Measures every candidate, on so many threads and in the dtype that it is of, for `seconds` each. Throws BadInput
/// where the chain of a batch cannot run here.
void check_plans(PlanReport& report, double seconds);

/// Whether every measured time lies within the interval of its prediction.
bool within_intervals(const PlanReport& report);

std::string check_text(const PlanReport& report);
/// Of one candidate, to be merged into its object, and of all together.
nlohmann::ordered_json check_json(const planner::Candidate& candidate,
                                  const PlanMeasured& measured);
nlohmann::ordered_json check_summary_json(const PlanReport& report);

}  // namespace flopmeter
