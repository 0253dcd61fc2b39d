// flopmeter plan --check: the networks of a plan run here, beside what was predicted.
#pragma once

#include <functional>

#include "app/plan.h"
#include "models/chain/chain.h"

namespace flopmeter {

using TakeMeasured = std::function<void(const planner::Candidate&, const PlanMeasured&)>;

/// Measures every candidate, on so many threads and in the dtype that it is of, for `seconds` each, and hands each to
/// `take` at once. Throws BadInput where the chain of a batch cannot run here.
void check_plans(PlanReport& report, double seconds, const TakeMeasured& take = {});

}  // namespace flopmeter
