// flopmeter plan --check: the networks of a plan run here, beside what was predicted.
#pragma once

#include <functional>
#include <string>

#include "app/plan.h"
#include "models/chain/chain.h"
#include "results/record.h"

namespace flopmeter {

using TakeMeasured = std::function<void(const planner::Candidate&, const PlanMeasured&)>;

/// Measures every candidate, on so many threads and in the dtype that it is of, for `seconds` each, and hands each to
/// `take` at once. Throws BadInput where the chain of a batch cannot run here.
void check_plans(PlanReport& report, double seconds, const TakeMeasured& take = {});

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
